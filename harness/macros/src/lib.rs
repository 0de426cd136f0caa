//! `#[nevernone::test]`, and what `nevernone::tokio::select!` becomes.

mod select;

use proc_macro::TokenStream;
use quote::{format_ident, quote};
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::{Ident, ItemFn, Lit, MetaNameValue, ReturnType, Token, parse_macro_input, spanned::Spanned};

/// Makes an `async fn` a test that is searched exhaustively within bounds, and red in every other case:
/// `#[nevernone::test(faults = 2, preemptions = 2, cancellations = 1, expect = "failed")]`. Bounds that are not
/// named keep the defaults of `nevernone::explore::Bounds`; there are also `panics`, `stalls`, `crashes`, `cost`,
/// `steps` and `rest`. `expect_failed_by = "ready means wired"` expects a failure by that property and no other. Virtual times are
/// texts, `horizon = "30s"` and `chaos_for = "500ms"`; `leaks = "deny"` fails runs that leave somebody alive.
/// `isolate = "process"` gives every run a process of its own, in which statics and thread-locals are empty.
///
/// What the environment changes, where failing runs are recorded and where reports go: see `nevernone::testing::run_in`.
#[proc_macro_attribute]
pub fn test(arguments: TokenStream, item: TokenStream) -> TokenStream {
    let arguments = parse_macro_input!(arguments as Arguments);
    let function = parse_macro_input!(item as ItemFn);
    expand(&arguments, &function).unwrap_or_else(syn::Error::into_compile_error).into()
}

/// What `nevernone::tokio::select!` hands over: the path to its crate, a semicolon, and what it was given.
#[doc(hidden)]
#[proc_macro]
pub fn select(input: TokenStream) -> TokenStream {
    parse_macro_input!(input as select::Select).expand().into()
}

struct Arguments(Punctuated<MetaNameValue, Token![,]>);

impl Parse for Arguments {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        Punctuated::parse_terminated(input).map(Arguments)
    }
}

const BOUNDS: [&str; 9] =
    ["faults", "preemptions", "cancellations", "panics", "stalls", "crashes", "cost", "steps", "rest"];
const TIMES: [&str; 2] = ["chaos_for", "horizon"];
const VERDICTS: [&str; 5] = ["Verified", "Sampled", "Failed", "Incomplete", "Vacuous"];

fn expand(arguments: &Arguments, function: &ItemFn) -> syn::Result<proc_macro2::TokenStream> {
    let signature = &function.sig;
    if signature.asyncness.is_none() {
        return Err(syn::Error::new(signature.span(), "`#[nevernone::test]` explores an `async fn`"));
    }
    if !signature.inputs.is_empty() {
        return Err(syn::Error::new(signature.inputs.span(), "a test takes no arguments; draw values with `choose`"));
    }
    if let ReturnType::Type(_, returned) = &signature.output {
        return Err(syn::Error::new(
            returned.span(),
            "a test returns nothing; `unwrap` what must not fail, or `assert!` it",
        ));
    }
    let settings = arguments.0.iter().map(setting).collect::<syn::Result<Vec<_>>>()?;
    let (attributes, visibility, name, block) = (&function.attrs, &function.vis, &signature.ident, &function.block);
    Ok(quote! {
        #[::core::prelude::v1::test]
        #(#attributes)*
        #visibility fn #name() {
            let scenario = ::nevernone::Scenario::new(
                ::core::concat!(::core::module_path!(), "::", ::core::stringify!(#name)),
                || async #block,
            );
            let target = ::nevernone::testing::Target {
                package: ::core::option_env!("CARGO_PKG_NAME"),
                folder: ::core::option_env!("CARGO_MANIFEST_DIR"),
                crate_name: ::core::option_env!("CARGO_CRATE_NAME"),
                program: ::core::option_env!("CARGO_BIN_NAME"),
                scratch: ::core::option_env!("CARGO_TARGET_TMPDIR"),
                marker: ::core::option::Option::Some(::core::concat!(
                    "<nevernone::test ", ::core::module_path!(), "::", ::core::stringify!(#name), ">",
                )),
                place: ::core::option::Option::Some((::core::file!(), ::core::line!())),
            };
            ::nevernone::testing::run_in(&scenario #(#settings)*, &target);
        }
    })
}

fn setting(argument: &MetaNameValue) -> syn::Result<proc_macro2::TokenStream> {
    let name = argument.path.get_ident().map(Ident::to_string).unwrap_or_default();
    let value = &argument.value;
    if BOUNDS.contains(&name.as_str()) {
        let method = format_ident!("{name}");
        return Ok(quote!(.#method(#value)));
    }
    match name.as_str() {
        "expect" => expected(value),
        "expect_failed_by" => Ok(quote!(.expect_failed_by(#value))),
        "leaks" => leaks(value),
        "isolate" => isolate(value),
        time if TIMES.contains(&time) => {
            let method = format_ident!("{name}");
            let text = time_as_text(&name, value)?;
            Ok(quote!(.#method(::nevernone::testing::duration(#text))))
        }
        _ => {
            let known = [&BOUNDS[..], &TIMES, &["leaks", "isolate", "expect"]].concat().join(", ");
            let known = format!("there is no setting `{name}`; there are {known} and expect_failed_by");
            Err(syn::Error::new(argument.path.span(), known))
        }
    }
}

/// A number alone has no unit; everything else is the compiler's to judge.
fn time_as_text<'a>(name: &str, value: &'a syn::Expr) -> syn::Result<&'a syn::Expr> {
    match value {
        syn::Expr::Lit(syn::ExprLit { lit: Lit::Int(_) | Lit::Float(_), .. }) => Err(syn::Error::new(
            value.span(),
            format!("`{name}` takes a time with its unit: \"500ms\", \"5s\", \"2m\""),
        )),
        text => Ok(text),
    }
}

fn leaks(value: &syn::Expr) -> syn::Result<proc_macro2::TokenStream> {
    match value {
        syn::Expr::Lit(syn::ExprLit { lit: Lit::Str(text), .. }) if text.value() == "deny" => Ok(quote!(.deny_leaks())),
        _ => Err(syn::Error::new(value.span(), "`leaks` takes \"deny\"; where it is not given, daemons are dropped")),
    }
}

fn isolate(value: &syn::Expr) -> syn::Result<proc_macro2::TokenStream> {
    match value {
        syn::Expr::Lit(syn::ExprLit { lit: Lit::Str(text), .. }) if text.value() == "process" => {
            Ok(quote!(.isolated()))
        }
        _ => Err(syn::Error::new(
            value.span(),
            "`isolate` takes \"process\"; where it is not given, runs share one process",
        )),
    }
}

fn expected(value: &syn::Expr) -> syn::Result<proc_macro2::TokenStream> {
    let wrong = || syn::Error::new(value.span(), "`expect` takes a verdict: \"failed\", \"vacuous\", \"incomplete\" …");
    let syn::Expr::Lit(syn::ExprLit { lit: Lit::Str(text), .. }) = value else { return Err(wrong()) };
    let known = VERDICTS.into_iter().find(|verdict| verdict.eq_ignore_ascii_case(&text.value()));
    let verdict = format_ident!("{}", known.ok_or_else(wrong)?);
    Ok(quote!(.expect(::nevernone::Verdict::#verdict)))
}

#[cfg(test)]
mod tests {
    use super::{Arguments, expand};

    fn refusal(arguments: &str, function: &str) -> String {
        let arguments: Arguments = syn::parse_str(arguments).expect("they are name = value");
        let function = syn::parse_str(function).expect("it is a function");
        expand(&arguments, &function).err().map(|error| error.to_string()).unwrap_or_default()
    }

    #[test]
    fn a_body_that_nobody_could_run_is_refused_in_plain_words() {
        assert_eq!(refusal("", "async fn fine() {}"), "");
        assert!(refusal("", "fn blocks() {}").contains("explores an `async fn`"));
        assert!(refusal("", "async fn asks(number: u32) {}").contains("takes no arguments"));
        assert!(refusal("", "async fn tells() -> Result<(), String> { Ok(()) }").contains("returns nothing"));
    }

    #[test]
    fn settings_that_mean_nothing_are_refused_with_those_that_do() {
        assert_eq!(refusal("chaos_for = \"5s\", horizon = LIMIT", "async fn fine() {}"), "");
        assert!(refusal("chaos_for = 5", "async fn a() {}").contains("a time with its unit"));
        assert!(refusal("fault = 2", "async fn a() {}").contains("there are faults, "));
        assert!(refusal("expect = \"red\"", "async fn a() {}").contains("takes a verdict"));
    }
}
