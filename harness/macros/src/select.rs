//! `select!`: tokio's syntax, and an expansion whose start branch is asked for.

use proc_macro2::{Span, TokenStream, TokenTree};
use quote::{format_ident, quote_spanned};
use syn::parse::{Parse, ParseStream};
use syn::{Block, Expr, Ident, Pat, Token};

/// One bit each; tokio has the same limit.
const MOST: usize = 64;

/// What stands between the braces, behind the path to the crate.
pub(crate) struct Select {
    /// `$crate`, as the macro that hands over was given it.
    home: TokenTree,
    biased: bool,
    branches: Vec<Branch>,
    otherwise: Option<Expr>,
}

struct Branch {
    pattern: Pat,
    future: Expr,
    condition: Option<Expr>,
    handler: TokenStream,
}

impl Parse for Select {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let home = input.parse()?;
        input.parse::<Token![;]>()?;
        if input.is_empty() {
            return Err(input.error("`select!` requires at least one branch"));
        }
        let biased = is_biased(input);
        if biased {
            input.parse::<Ident>()?;
            input.parse::<Token![;]>()?;
        }
        let mut select = Select { home, biased, branches: Vec::new(), otherwise: None };
        while !input.is_empty() {
            if input.peek(Token![else]) {
                select.otherwise = Some(otherwise(input)?);
                break;
            }
            if select.branches.len() == MOST {
                return Err(input.error("`select!` takes at most 64 branches"));
            }
            select.branches.push(input.parse()?);
        }
        Ok(select)
    }
}

fn is_biased(input: ParseStream<'_>) -> bool {
    let ahead = input.fork();
    ahead.parse::<Ident>().is_ok_and(|word| word == "biased") && ahead.peek(Token![;])
}

/// The last one.
fn otherwise(input: ParseStream<'_>) -> syn::Result<Expr> {
    input.parse::<Token![else]>()?;
    input.parse::<Token![=>]>()?;
    let otherwise = input.parse()?;
    input.parse::<Option<Token![,]>>()?;
    if input.is_empty() { Ok(otherwise) } else { Err(input.error("`else` is the last branch")) }
}

impl Parse for Branch {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let pattern = Pat::parse_multi_with_leading_vert(input)?;
        input.parse::<Token![=]>()?;
        let future = input.parse()?;
        let condition = if input.peek(Token![,]) {
            input.parse::<Token![,]>()?;
            input.parse::<Token![if]>()?;
            Some(input.parse()?)
        } else {
            None
        };
        input.parse::<Token![=>]>()?;
        Ok(Branch { pattern, future, condition, handler: handler(input)? })
    }
}

/// A block, which needs no comma, or an expression, which does unless it is the last.
fn handler(input: ParseStream<'_>) -> syn::Result<TokenStream> {
    if input.peek(syn::token::Brace) {
        let block: Block = input.parse()?;
        input.parse::<Option<Token![,]>>()?;
        return Ok(quote_spanned!(Span::mixed_site()=> #block));
    }
    let handler: Expr = input.parse()?;
    if !input.is_empty() {
        input.parse::<Token![,]>()?;
    }
    Ok(quote_spanned!(Span::mixed_site()=> #handler))
}

impl Select {
    pub(crate) fn expand(&self) -> TokenStream {
        let here = Span::mixed_site();
        let otherwise = self.otherwise();
        if self.branches.is_empty() {
            return quote_spanned!(here=> { #otherwise });
        }
        let home = &self.home;
        let support = quote_spanned!(here=> #home::tokio::__select);
        let conditions = self.branches.iter().enumerate().filter_map(|(place, branch)| {
            let (bit, condition) = (bit(place), branch.condition.as_ref()?);
            Some(quote_spanned!(here=> if !#condition { disabled |= #bit; }))
        });
        let (waits, arms) = (self.waits(&support), self.arms(&support));
        let none = nested(&support, self.branches.len(), &quote_spanned!(here=> ()));
        quote_spanned! {here=> {
            #[allow(unused_mut)]
            let mut disabled = 0_u64;
            #(#conditions)*
            let output = { #waits };
            #[allow(unreachable_patterns, unreachable_code, clippy::ignored_unit_patterns, clippy::needless_continue)]
            match output {
                #(#arms)*
                #none => #otherwise,
                _ => ::core::unreachable!("a pattern that had matched did not match again"),
            }
        }}
    }

    fn otherwise(&self) -> TokenStream {
        let here = Span::mixed_site();
        if let Some(otherwise) = &self.otherwise {
            return quote_spanned!(here=> #otherwise);
        }
        quote_spanned!(here=> ::core::panic!("all branches are disabled and there is no else branch"))
    }

    /// Makes the futures, all of them, and waits for the first whose output its pattern takes. Each is made in a statement
    /// of its own before any is turned into a future, so that what it borrows from a temporary lives long enough.
    fn waits(&self, support: &TokenStream) -> TokenStream {
        let here = Span::mixed_site();
        let futures = self.branches.iter().map(|branch| &branch.future);
        let made: Vec<Ident> = self.names("made");
        let pinned: Vec<Ident> = self.names("future");
        let polls = self.branches.iter().enumerate().map(|(place, branch)| poll(support, place, branch));
        let places = 0_u32..;
        let count = u32::try_from(self.branches.len()).unwrap_or(u32::MAX);
        let none = nested(support, self.branches.len(), &quote_spanned!(here=> ()));
        let start = if self.biased {
            quote_spanned!(here=> 0_u32)
        } else {
            quote_spanned!(here=> #support::start(disabled, #count))
        };
        quote_spanned! {here=>
            #(let #made = #futures;)*
            #(let mut #pinned = ::core::pin::pin!(::core::future::IntoFuture::into_future(#made));)*
            let output = ::core::future::poll_fn(|cx| {
                ::core::task::ready!(#support::budget(cx));
                let mut waits = false;
                let start = #start;
                for turn in 0..#count {
                    match #support::branch(start, turn, #count) {
                        #(#places => { #polls })*
                        _ => ::core::unreachable!("there are no more branches"),
                    }
                }
                if waits { ::core::task::Poll::Pending } else { ::core::task::Poll::Ready(#none) }
            }).await;
            output
        }
    }

    fn names(&self, what: &str) -> Vec<Ident> {
        (0..self.branches.len()).map(|place| format_ident!("{what}_{place}", span = Span::mixed_site())).collect()
    }

    fn arms(&self, support: &TokenStream) -> Vec<TokenStream> {
        let here = Span::mixed_site();
        let arm = |(place, branch): (usize, &Branch)| {
            let (pattern, handler) = (&branch.pattern, &branch.handler);
            let pattern = output(support, place, &quote_spanned!(here=> #pattern));
            quote_spanned!(here=> #pattern => #handler,)
        };
        self.branches.iter().enumerate().map(arm).collect()
    }
}

/// The poll of one branch. A branch that ended is disabled, whether its pattern takes the output or not.
fn poll(support: &TokenStream, place: usize, branch: &Branch) -> TokenStream {
    let here = Span::mixed_site();
    let (bit, future) = (bit(place), format_ident!("future_{place}", span = here));
    let mut pattern = branch.pattern.clone();
    look_only(&mut pattern);
    let given = output(support, place, &quote_spanned!(here=> out));
    quote_spanned! {here=>
        if disabled & #bit == 0 {
            match ::core::future::Future::poll(#future.as_mut(), cx) {
                ::core::task::Poll::Ready(out) => {
                    disabled |= #bit;
                    #[allow(unused_variables, unreachable_patterns, unreachable_code, clippy::ignored_unit_patterns)]
                    match &out {
                        #pattern => return ::core::task::Poll::Ready(#given),
                        _ => {}
                    }
                }
                ::core::task::Poll::Pending => waits = true,
            }
        }
    }
}

fn bit(place: usize) -> TokenStream {
    let bit = 1_u64 << place;
    quote_spanned!(Span::mixed_site()=> #bit)
}

/// The output of the branch at `place`, among those of all branches.
fn output(support: &TokenStream, place: usize, output: &TokenStream) -> TokenStream {
    nested(support, place, &quote_spanned!(Span::mixed_site()=> #support::Either::This(#output)))
}

fn nested(support: &TokenStream, depth: usize, inner: &TokenStream) -> TokenStream {
    let rest = |inner, _| quote_spanned!(Span::mixed_site()=> #support::Either::Later(#inner));
    (0..depth).fold(inner.clone(), rest)
}

/// Makes a pattern one that only looks: what is matched with it is borrowed, so that `ref` and `mut` are out of place.
fn look_only(pattern: &mut Pat) {
    match pattern {
        Pat::Ident(name) => {
            (name.by_ref, name.mutability) = (None, None);
            if let Some((_, inner)) = &mut name.subpat {
                look_only(inner);
            }
        }
        Pat::Reference(reference) => {
            reference.mutability = None;
            look_only(&mut reference.pat);
        }
        Pat::Paren(inner) => look_only(&mut inner.pat),
        Pat::Type(inner) => look_only(&mut inner.pat),
        Pat::Or(inner) => inner.cases.iter_mut().for_each(look_only),
        Pat::Slice(inner) => inner.elems.iter_mut().for_each(look_only),
        Pat::Tuple(inner) => inner.elems.iter_mut().for_each(look_only),
        Pat::TupleStruct(inner) => inner.elems.iter_mut().for_each(look_only),
        Pat::Struct(inner) => inner.fields.iter_mut().for_each(|field| look_only(&mut field.pat)),
        _ => {}
    }
}
