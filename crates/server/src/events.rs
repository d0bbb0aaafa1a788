//! Security events: stored, logged and counted, in one place.

use std::net::IpAddr;
use std::sync::Arc;

use protocol::Seconds;
use protocol::handle::Id;
use protocol::record::EventRecord;
use protocol::rules::Refusal;
use protocol::signal::{Severity, Signal};
use store::Ledger;
use tokio::sync::{mpsc, oneshot};

use crate::call::Call;
use crate::clock::Clock;
use crate::edge::{AddressKey, Metrics, Sighting, SignalSink};
use crate::entropy::Entropy;
use crate::quota::Quota;

/// Events that wait to be stored. More are counted and logged only.
const WAITING: usize = 4096;
/// Events of one signal that one address may have stored in a minute. More are counted and logged only: the store keeps so
/// many and no more, and anybody can break a rule. A flood would wash away what it is meant to hide.
const STORED_PER_ADDRESS: u32 = 100;

/// Where events go. Cheap to clone.
#[derive(Clone)]
pub struct Events {
    inner: Arc<Inner>,
}

struct Inner {
    metrics: Arc<Metrics>,
    clock: Arc<dyn Clock>,
    entropy: Arc<Entropy>,
    queue: mpsc::Sender<Parcel>,
    shares: Quota<(Signal, AddressKey)>,
}

enum Parcel {
    Event(Box<EventRecord>),
    /// Answered once everything before it is stored, or given up.
    Flush(oneshot::Sender<()>),
}

/// An event in the making: what it is about.
#[derive(Clone, Debug, Default)]
pub struct About {
    /// The client.
    pub client_id: Option<String>,
    /// The person.
    pub subject: Option<String>,
    /// The grant.
    pub grant: Option<Id>,
    /// In our words; never a received value.
    pub detail: String,
}

impl About {
    /// About a client.
    pub fn client(client_id: &str) -> About {
        About { client_id: Some(client_id.to_owned()), ..About::default() }
    }

    /// About a person, too.
    pub fn subject(mut self, subject: &str) -> About {
        self.subject = Some(subject.to_owned());
        self
    }

    /// About a grant, too.
    pub fn grant(mut self, grant: Id) -> About {
        self.grant = Some(grant);
        self
    }

    /// With a remark.
    pub fn detail(mut self, detail: impl Into<String>) -> About {
        self.detail = detail.into();
        self
    }
}

impl Events {
    /// Starts the task that stores events in `ledger`.
    pub fn start(ledger: Ledger, metrics: Arc<Metrics>, clock: Arc<dyn Clock>, entropy: Arc<Entropy>) -> Events {
        let (queue, mut waiting) = mpsc::channel::<Parcel>(WAITING);
        let counted = metrics.clone();
        tokio::spawn(async move {
            while let Some(parcel) = waiting.recv().await {
                match parcel {
                    // Whoever waited may have given up.
                    Parcel::Flush(done) => drop(done.send(())),
                    // defends: attack-goes-unnoticed
                    Parcel::Event(event) => {
                        if let Err(error) = ledger.append_event(*event).await {
                            counted.event(Signal::EventDeliveryFailing.name());
                            tracing::error!(%error, "an event could not be stored");
                        }
                    }
                }
            }
        });
        let shares = Quota::new(STORED_PER_ADDRESS, Seconds(60));
        Events { inner: Arc::new(Inner { metrics, clock, entropy, queue, shares }) }
    }

    /// Raises an event that a request caused.
    pub fn raise(&self, signal: Signal, call: &Call, about: About) {
        self.emit(signal, about, Some(call.peer.client), Some(call.id.to_string()), None);
    }

    /// Raises an event that the operator or the server itself caused.
    pub fn note(&self, signal: Signal, about: About) {
        self.emit(signal, about, None, None, None);
    }

    /// Counts and logs a refusal, and raises its signal if the rule has one.
    pub fn refused(&self, refusal: &Refusal, call: &Call, about: About) {
        let rule = refusal.rule();
        self.inner.metrics.refused(rule.name());
        let about = About { detail: refusal.log_text().as_str().to_owned(), ..about };
        match rule.signal() {
            Some(signal) => {
                self.emit(signal, about, Some(call.peer.client), Some(call.id.to_string()), Some(rule.id()))
            }
            None => {
                tracing::info!(request = %call.id, rule = rule.name(), parameter = refusal.parameter(), detail = about.detail, "refused")
            }
        }
    }

    /// Waits until every event so far is stored, or given up.
    pub async fn drained(&self) {
        let (done, flushed) = oneshot::channel();
        // Either fails only when the task that stores events has ended, and then nothing more will be stored.
        if self.inner.queue.send(Parcel::Flush(done)).await.is_ok() {
            let _ = flushed.await;
        }
    }

    fn emit(
        &self,
        signal: Signal,
        about: About,
        address: Option<IpAddr>,
        request_id: Option<String>,
        rule: Option<String>,
    ) {
        self.inner.metrics.event(signal.name());
        self.deliver(signal, about, address, request_id, rule);
    }

    /// Logs and stores; counting is done by then.
    fn deliver(
        &self,
        signal: Signal,
        about: About,
        address: Option<IpAddr>,
        request_id: Option<String>,
        rule: Option<String>,
    ) {
        let inner = &self.inner;
        let now = inner.clock.now_millis();
        let event = EventRecord {
            id: Id(inner.entropy.next_id(now)),
            at: now.to_unix_time(),
            signal,
            client_id: about.client_id,
            subject: about.subject,
            grant: about.grant,
            address: address.map(|address| address.to_string()),
            request_id,
            rule,
            detail: about.detail,
        };
        log(&event);
        // Ordinary events are somebody's who signed in; a busy address may have many.  defends: attack-goes-unnoticed
        let ordinary = signal.severity() == Severity::Info;
        if !ordinary && address.is_some_and(|from| !inner.shares.admit((signal, from.into()), event.at)) {
            return;
        }
        // A flood must not hold up answers: what does not fit is counted, and was logged.
        if inner.queue.try_send(Parcel::Event(Box::new(event))).is_err() {
            inner.metrics.event(Signal::EventDeliveryFailing.name());
        }
    }
}

/// One structured line per event.  defends: attack-goes-unnoticed
fn log(event: &EventRecord) {
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    macro_rules! line {
        ($level:ident) => {
            tracing::$level!(
                target: "safeconduct::event",
                event = %event.id,
                signal = event.signal.name(),
                client = text(&event.client_id),
                subject = text(&event.subject),
                grant = event.grant.map(|id| id.to_string()).unwrap_or_default(),
                address = text(&event.address),
                request = text(&event.request_id),
                rule = text(&event.rule),
                detail = event.detail,
                "{}",
                event.signal.says()
            )
        };
    }
    match event.signal.severity() {
        Severity::High => line!(error),
        Severity::Warning => line!(warn),
        Severity::Notice | Severity::Info => line!(info),
    }
}

impl SignalSink for Events {
    fn report(&self, sighting: Sighting) {
        // The edge has names of its own for the few signals it can see; both lists come from the same ledger.
        if let Some(signal) = Signal::from_name(sighting.signal.as_str()) {
            let about = About::default().detail(sighting.detail);
            // The edge has counted it: all of them, also those that it does not pass on.
            self.deliver(signal, about, Some(sighting.address), None, None);
        }
    }
}
