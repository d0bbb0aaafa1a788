//! The load: many kept connections, each with one request on its way, from one thread.

mod histogram;
mod http;
mod person;
mod script;

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use serde::{Deserialize, Serialize};
use tokio::task::{JoinSet, LocalSet};
use tokio::time::sleep;

use self::histogram::Histogram;
use self::http::Connection;
use self::script::{Ask, Pile, Ready, Redeem, Repeat, Rotate, Script, Tokens};
use crate::setup::Setup;
use crate::workload::Workload;
use crate::{child, process};

/// Grants of each connection that are refreshed or looked at in turn.
const GRANTS: usize = 8;
/// Codes of each connection that are made at a time: they must be redeemed before they expire.
const CODES: usize = 128;
/// After so many wrong answers the run is over.
const PATIENCE: u64 = 10;

/// Who is loaded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Subject {
    /// The floor: takes anything.
    Floor,
    /// The server: wants what it gave.
    Server,
}

/// An order for the loading child.
#[derive(Clone, Serialize, Deserialize)]
pub struct Order {
    /// What.
    pub workload: Workload,
    /// Whom.
    pub subject: Subject,
    /// Where, and with which credentials.
    pub setup: Setup,
    /// Process id of whom.
    pub pid: u32,
    /// Connections.
    pub connections: usize,
    /// Before it counts.
    pub warm_up: f64,
    /// While it counts.
    pub seconds: f64,
}

/// What was measured.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub struct Measured {
    /// Answers a second.
    pub rps: f64,
    /// Microseconds of CPU time of the measured process for each answer, all threads and the kernel's work for it.
    pub cpu_us: f64,
    /// Share of the time that the measured process was on its core.
    pub busy: f64,
    /// Share of the time that the load was on its core. Near 1, the load is what was measured.
    pub load_busy: f64,
    /// Half of the answers came within this time.
    pub p50_ms: f64,
    /// 99 of 100 did.
    pub p99_ms: f64,
    /// Bytes of an answer, on average.
    pub answer_bytes: f64,
}

/// Reads an order from standard input, carries it out, and writes what was measured.
pub fn run() -> Result<()> {
    let order: Order = serde_json::from_reader(std::io::stdin().lock())?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let measured = LocalSet::new().block_on(&runtime, carry_out(order))?;
    child::say(&measured)
}

async fn carry_out(order: Order) -> Result<Measured> {
    let mut crew = Crew::hire(order).await?;
    match crew.order.workload {
        Workload::Code => redeem_batches(&mut crew).await?,
        _ => {
            let scripts = scripts(&mut crew).await?;
            crew.timed(scripts).await?;
        }
    }
    crew.tally.result()
}

async fn scripts(crew: &mut Crew) -> Result<Vec<Box<dyn Script>>> {
    let tokens = match crew.order.workload {
        Workload::Introspect => crew.tokens("notes:read").await?,
        Workload::Refresh | Workload::Userinfo => crew.tokens("openid mail:read").await?,
        Workload::Authorize | Workload::ClientCredentials | Workload::Code => Vec::new(),
    };
    let setup = crew.order.setup.clone();
    let script = |at: usize, tokens: &[Tokens]| -> Box<dyn Script> {
        let own = tokens.get(at * GRANTS..(at + 1) * GRANTS).unwrap_or_default();
        match crew.order.workload {
            Workload::ClientCredentials => Box::new(Repeat::client_credentials(&setup)),
            Workload::Introspect => Box::new(Repeat::introspect(&setup, own)),
            Workload::Userinfo => Box::new(Repeat::userinfo(&setup, own)),
            Workload::Authorize => Box::new(crew.ask("openid mail:read", None, None)),
            Workload::Refresh | Workload::Code => {
                let tokens = own.iter().map(|tokens| tokens.refresh.clone()).collect();
                Box::new(Rotate { setup: setup.clone(), tokens, at: 0 })
            }
        }
    };
    Ok((0..crew.order.connections).map(|at| script(at, &tokens)).collect())
}

/// Makes codes, which does not count, and redeems them, which does, until that took long enough.
async fn redeem_batches(crew: &mut Crew) -> Result<()> {
    const SCOPE: &str = "openid mail:read";
    let redeem = |crew: &Crew, codes: &Pile<Ready>| -> Vec<Box<dyn Script>> {
        let setup = &crew.order.setup;
        let one = || Redeem { setup: setup.clone(), scope: SCOPE, codes: codes.clone(), redeemed: None };
        (0..crew.order.connections).map(|_| Box::new(one()) as Box<dyn Script>).collect()
    };
    let count = crew.order.connections * CODES;
    let warm_up = crew.codes(SCOPE, count / 4).await?;
    crew.work(redeem(crew, &warm_up)).await?;
    while crew.tally.elapsed.get().as_secs_f64() < crew.order.seconds {
        let codes = crew.codes(SCOPE, count).await?;
        let scripts = redeem(crew, &codes);
        crew.tally.begin(crew.order.pid)?;
        crew.work(scripts).await?;
        crew.tally.end(crew.order.pid)?;
    }
    Ok(())
}

/// The connections, and what they are there for.
struct Crew {
    order: Order,
    connections: Vec<Connection>,
    cookies: String,
    tally: Rc<Tally>,
}

impl Crew {
    async fn hire(order: Order) -> Result<Crew> {
        let mut connections = Vec::with_capacity(order.connections);
        for _ in 0..order.connections {
            connections.push(Connection::open(order.setup.address).await?);
        }
        let first = connections.first_mut().context("no connections")?;
        let cookies = match order.subject {
            Subject::Server => person::sign_in(first, &order.setup).await?,
            Subject::Floor => person::NO_COOKIES.to_owned(),
        };
        Ok(Crew { order, connections, cookies, tally: Rc::default() })
    }

    fn ask(&self, scope: &'static str, left: Option<Rc<Cell<usize>>>, ready: Option<Pile<Ready>>) -> Ask {
        let (setup, cookies) = (self.order.setup.clone(), self.cookies.clone());
        Ask { setup, cookies, scope, left, ready, verifier: String::new() }
    }

    /// Codes for `scope`, made by authorization requests.
    async fn codes(&mut self, scope: &'static str, count: usize) -> Result<Pile<Ready>> {
        let codes: Pile<Ready> = Pile::default();
        let left = Rc::new(Cell::new(count));
        let ask = || Box::new(self.ask(scope, Some(left.clone()), Some(codes.clone()))) as Box<dyn Script>;
        let scripts = self.connections.iter().map(|_| ask()).collect();
        self.work(scripts).await?;
        Ok(codes)
    }

    /// Tokens for `scope`, [`GRANTS`] for each connection.
    async fn tokens(&mut self, scope: &'static str) -> Result<Vec<Tokens>> {
        let count = self.order.connections * GRANTS;
        let codes = self.codes(scope, count).await?;
        let redeemed: Pile<Tokens> = Pile::default();
        let one = || {
            let (setup, redeemed) = (self.order.setup.clone(), Some(redeemed.clone()));
            Box::new(Redeem { setup, scope, codes: codes.clone(), redeemed }) as Box<dyn Script>
        };
        let scripts = self.connections.iter().map(|_| one()).collect();
        self.work(scripts).await?;
        ensure!(redeemed.borrow().len() == count, "too few tokens");
        Ok(redeemed.take())
    }

    /// Lets every connection follow its script to the end.
    async fn work(&mut self, scripts: Vec<Box<dyn Script>>) -> Result<()> {
        let mut tasks = JoinSet::new();
        for (connection, script) in self.connections.drain(..).zip(scripts) {
            tasks.spawn_local(follow(connection, script, self.tally.clone()));
        }
        while let Some(done) = tasks.join_next().await {
            self.connections.push(done??);
        }
        self.tally.verdict()
    }

    /// The same for a time: a warm-up that does not count, then what counts.
    async fn timed(&mut self, scripts: Vec<Box<dyn Script>>) -> Result<()> {
        let (tally, pid) = (self.tally.clone(), self.order.pid);
        let (warm_up, seconds) = (self.order.warm_up, self.order.seconds);
        let clock = async move {
            sleep(Duration::from_secs_f64(warm_up)).await;
            tally.begin(pid)?;
            sleep(Duration::from_secs_f64(seconds)).await;
            tally.end(pid)?;
            tally.over.set(true);
            anyhow::Ok(())
        };
        let (worked, clocked) = tokio::join!(self.work(scripts), clock);
        worked.and(clocked)
    }
}

async fn follow(mut connection: Connection, mut script: Box<dyn Script>, tally: Rc<Tally>) -> Result<Connection> {
    while !tally.over.get() {
        let Some(request) = script.next() else { break };
        let start = Instant::now();
        let answer = connection.exchange(request.as_bytes()).await?;
        let took = start.elapsed();
        match script.check(&answer) {
            Ok(()) => tally.count(took, answer.bytes()),
            Err(error) => tally.fail(&error),
        }
    }
    Ok(connection)
}

/// What is counted, on the one thread of the load.
#[derive(Default)]
struct Tally {
    counting: Cell<Option<(Instant, Duration, Duration)>>,
    over: Cell<bool>,
    elapsed: Cell<Duration>,
    cpu: Cell<Duration>,
    own_cpu: Cell<Duration>,
    bytes: Cell<usize>,
    latencies: RefCell<Histogram>,
    failures: Cell<u64>,
    first_failure: RefCell<Option<String>>,
}

impl Tally {
    fn begin(&self, pid: u32) -> Result<()> {
        let now = (Instant::now(), process::cpu_time(pid)?, process::cpu_time(std::process::id())?);
        self.counting.set(Some(now));
        Ok(())
    }

    fn end(&self, pid: u32) -> Result<()> {
        let (start, cpu, own) = self.counting.take().context("nothing is counted")?;
        self.elapsed.set(self.elapsed.get() + start.elapsed());
        self.cpu.set(self.cpu.get() + process::cpu_time(pid)?.saturating_sub(cpu));
        self.own_cpu.set(self.own_cpu.get() + process::cpu_time(std::process::id())?.saturating_sub(own));
        Ok(())
    }

    fn count(&self, took: Duration, bytes: usize) {
        if self.counting.get().is_some() {
            self.latencies.borrow_mut().record(u64::try_from(took.as_micros()).unwrap_or(u64::MAX));
            self.bytes.set(self.bytes.get() + bytes);
        }
    }

    fn fail(&self, error: &anyhow::Error) {
        self.failures.set(self.failures.get() + 1);
        self.first_failure.borrow_mut().get_or_insert_with(|| format!("{error:#}"));
        if self.failures.get() >= PATIENCE {
            self.over.set(true);
        }
    }

    /// Fast wrong answers are no answers.
    fn verdict(&self) -> Result<()> {
        let first = self.first_failure.borrow();
        ensure!(
            self.failures.get() == 0,
            "{} wrong answers, the first:\n{}",
            self.failures.get(),
            first.as_deref().unwrap_or("")
        );
        Ok(())
    }

    fn result(&self) -> Result<Measured> {
        let latencies = self.latencies.borrow();
        let (answers, elapsed) = (latencies.total() as f64, self.elapsed.get().as_secs_f64());
        ensure!(answers > 0.0, "no answers");
        Ok(Measured {
            rps: answers / elapsed,
            cpu_us: self.cpu.get().as_secs_f64() * 1e6 / answers,
            busy: self.cpu.get().as_secs_f64() / elapsed,
            load_busy: self.own_cpu.get().as_secs_f64() / elapsed,
            p50_ms: latencies.quantile(0.5) / 1e3,
            p99_ms: latencies.quantile(0.99) / 1e3,
            answer_bytes: self.bytes.get() as f64 / answers,
        })
    }
}
