//! What `/metrics` tells: the readiness as gauges, read when it is asked for, and what the clients asked, counted.

use super::{Shared, wire::Refusal};
use crate::backend::Backend;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::ConstGauge;
use prometheus_client::registry::Registry;

/// The content type of [`Metrics::text`].
pub(super) const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// What is counted from the first socket on.
#[derive(Default)]
pub(super) struct Metrics {
    requests: Family<Answer, Counter>,
    turned_away: Counter,
}

/// How a message of a client was answered: `accepted`, or the code of its refusal.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Answer {
    answer: &'static str,
}

impl Metrics {
    pub(super) fn accepted(&self) {
        self.answered("accepted");
    }

    pub(super) fn refused(&self, refusal: &Refusal) {
        self.answered(refusal.code);
    }

    fn answered(&self, answer: &'static str) {
        self.requests.get_or_create(&Answer { answer }).inc();
    }

    /// A socket was closed unanswered.
    pub(super) fn turned_away(&self) {
        self.turned_away.inc();
    }

    /// Everything as `OpenMetrics` text. A registry for each reply, so that gauges need no upkeep.
    pub(super) fn text<B: Backend>(shared: &Shared<B>) -> String {
        let now = shared.backend.readiness();
        let mut registry = Registry::with_prefix("nevernone");
        let mut gauge = |name, help, value: usize| {
            registry.register(name, help, ConstGauge::new(i64::try_from(value).unwrap_or(i64::MAX)));
        };
        gauge("ready", "Whether requests are accepted", usize::from(now.ready && !shared.is_stopping()));
        gauge("agents_wired", "Agents that have a manager", now.agents.wired);
        gauge("agents_total", "Agents that are registered", now.agents.total);
        gauge("connections", "Clients that are attached", now.connections);
        let Metrics { requests, turned_away } = &shared.metrics;
        registry.register("requests", "Messages of clients by how they were answered", requests.clone());
        registry.register("sockets_turned_away", "Sockets closed unanswered for want of room", turned_away.clone());
        let mut text = String::new();
        // Writing to a `String` cannot fail, nor can metrics of fixed shapes.
        let _ = encode(&mut text, &registry);
        text
    }
}
