//! The service over real sockets on this machine: fan-out, memory of idle connections, startup.
//!
//! `cargo bench --bench service` prints three tables; `-- fan-out`, `-- idle` or `-- start` only one of them. Peers take
//! turns, so that whatever else the machine does meets all alike: read the ratios.

mod fan_out;
mod idle;
mod peers;
mod start;

fn main() {
    let asked: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with('-')).collect();
    if let [what, number] = &asked[..]
        && what == "idle-of"
    {
        return idle::print_of(number.parse().expect("the number of a peer"));
    }
    let wanted = |name: &str| asked.is_empty() || asked.iter().any(|word| word == name);
    if wanted("fan-out") {
        fan_out::print();
    }
    if wanted("idle") {
        idle::print();
    }
    if wanted("start") {
        start::print();
    }
}

/// The middle one of an odd number.
fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
