//! The straw's sockets, and who answers at each.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use anyhow::{Context, Result};
use axum::Router;
use server::config::Limits;
use server::edge::{Hosts, Listener, Metrics, Options, Proxies, Readiness, Sighting, SignalSink, admin_router};
use server::events::Events;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use super::backdoor::Straw;
use super::exchange::Site;
use super::layer::{Layer, Weakness, lie};
use super::wire::{self, Rewire};

/// Origins, all known before anything is made.
pub(super) struct Origins {
    pub(super) issuer: String,
    pub(super) mail: String,
    pub(super) calendar: String,
    /// Of the web clients: nobody answers there.
    pub(super) web: String,
    pub(super) other: String,
}

impl Origins {
    /// Addresses that parse, for a first look at a configuration.
    pub(super) fn example() -> Origins {
        let at = |port: u16| format!("http://127.0.0.1:{port}");
        Origins { issuer: at(8080), mail: at(8081), calendar: at(8082), web: at(8083), other: at(8084) }
    }
}

/// Everything bound, nothing served yet.
pub(super) struct Sockets {
    pub(super) origins: Origins,
    pub(super) admin: Listener,
    /// In front of the server's edge, where a weakness rewrites on the wire.
    front: Option<(TcpListener, Vec<Rewire>)>,
    public: Listener,
    mail: TcpListener,
    calendar: TcpListener,
    signals: Arc<Signals>,
}

impl Sockets {
    /// Binds them.
    pub(super) async fn open(
        listen: SocketAddr,
        limits: &Limits,
        weak: &[Box<dyn Weakness>],
        metrics: Arc<Metrics>,
    ) -> Result<Sockets> {
        let signals = Arc::new(Signals::default());
        let edge = |listen| Options {
            listen,
            tls: None,
            limits: limits.clone(),
            proxies: Proxies::default(),
            shutdown_grace: Duration::from_secs(1),
            metrics: metrics.clone(),
            signals: signals.clone(),
        };
        let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let rewires: Vec<Rewire> = weak.iter().filter_map(|weakness| weakness.wire()).collect();
        let (front, public) = if rewires.is_empty() {
            (None, Listener::bind(edge(listen)).await?)
        } else {
            (Some((TcpListener::bind(listen).await?, rewires)), Listener::bind(edge(any)).await?)
        };
        let admin = Listener::bind(edge(any)).await?;
        // All held at the same time, so that they differ. Those of the clients are free again afterwards: nobody answers.
        let [mail, calendar, web, other] = [free().await?, free().await?, free().await?, free().await?];
        let issuer = match &front {
            Some((front, _)) => front.local_addr()?,
            None => public.local_addr()?,
        };
        let origins = Origins {
            issuer: origin(issuer),
            mail: origin(mail.local_addr()?),
            calendar: origin(calendar.local_addr()?),
            web: origin(web.local_addr()?),
            other: origin(other.local_addr()?),
        };
        Ok(Sockets { origins, admin, front, public, mail, calendar, signals })
    }

    /// Serves at all of them until the set is dropped.
    pub(super) fn serve(
        self,
        straw: &Arc<Straw>,
        weak: Arc<Vec<Box<dyn Weakness>>>,
        metrics: Arc<Metrics>,
    ) -> JoinSet<()> {
        // It is set once, here.
        let _ = self.signals.0.set(straw.app.events.clone());
        let behind = |site, honest: &Router| {
            // A clean straw has no layer: it is the server itself.
            if weak.is_empty() {
                return honest.clone();
            }
            Router::new().fallback(lie).with_state(Layer { site, straw: straw.clone(), weak: weak.clone() })
        };
        let mut serving = JoinSet::new();
        if let (Some((front, rewires)), Ok(edge)) = (self.front, self.public.local_addr()) {
            let host = self.origins.issuer.trim_start_matches("http://").to_owned();
            serving.spawn(wire::serve(front, edge, host, rewires));
        }
        let hosts = Hosts::of_issuer(&straw.app.config.issuer, &straw.app.config.server.hosts);
        let (public, server) = (self.public, behind(Site::Server, &straw.server));
        serving.spawn(async move { _ = public.serve(server, hosts, std::future::pending()).await });
        let readiness = Readiness::default();
        readiness.part("store").ready();
        let (admin, pages) = (self.admin, admin_router(readiness, metrics));
        serving.spawn(async move { _ = admin.serve(pages, Hosts::literals(&[]), std::future::pending()).await });
        let apis = [(self.mail, Site::Mail, &straw.apis[0]), (self.calendar, Site::Calendar, &straw.apis[1])];
        for (socket, site, honest) in apis {
            let router = behind(site, honest);
            serving.spawn(async move { drop(axum::serve(socket, router).await) });
        }
        serving
    }
}

/// Takes what the edge notices to the events of the server, once they are there.
#[derive(Default)]
struct Signals(OnceLock<Events>);

impl SignalSink for Signals {
    fn report(&self, sighting: Sighting) {
        if let Some(events) = self.0.get() {
            events.report(sighting);
        }
    }
}

async fn free() -> Result<TcpListener> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.context("no free port on 127.0.0.1")
}

fn origin(address: SocketAddr) -> String {
    format!("http://{address}")
}
