//! Plays a case file: step by step, controls first.

use std::time::Duration;

use url::Url;

use super::check::holds;
use super::file::{CaseFile, Deed, PersonWord, SessionWord, Step};
use super::fill::Values;
use crate::cx::{Cx, Role};
use crate::flow::authorize::AuthorizationRequest;
use crate::flow::call::outcome as call_outcome;
use crate::flow::landing::Landing;
use crate::flow::person::{Intent, Person};
use crate::flow::token::{Auth, BackRequest};
use crate::http::{Answer, Request};
use crate::params::Params;
use crate::verdict::{Stop, Verdict};

/// Seconds that an access token may live at most for its end to be waited for.
const LONGEST_LIFE: u64 = 120;

/// What a step ended in.
struct Ended {
    outcome: String,
    answer: Answer,
    words: String,
}

struct Play<'a> {
    cx: &'a Cx,
    values: Values,
    request: Option<AuthorizationRequest>,
    person: Option<Person>,
    client: String,
}

impl CaseFile {
    /// Plays the case.
    ///
    /// # Errors
    /// [`Stop`], when a control fails or the target does not answer.
    pub(super) async fn play(&self, cx: &Cx) -> Result<Verdict, Stop> {
        let client = self.steps.iter().find_map(|step| step.client.clone()).unwrap_or_else(|| "web".into());
        let mut play = Play { cx, values: Values::default(), request: None, person: None, client };
        let mut last = String::new();
        for (index, step) in self.steps.iter().enumerate() {
            for each in play.rounds(step)? {
                if let Some(value) = &each {
                    play.values.set("each", value);
                }
                let ended = play.step(step).await?;
                let checks = step.check.iter().map(|check| play.fill(check)).collect::<Result<Vec<_>, _>>()?;
                if let Some(mut verdict) = judge(index + 1, step, &checks, &ended)? {
                    if let Some(value) = each {
                        verdict.because = format!("{} ({value:?})", verdict.because);
                    }
                    return Ok(verdict);
                }
                if step.attack {
                    last = step.resisted.clone().unwrap_or_else(|| format!("the server's answer was {}", ended.words));
                    if matches(&step.over, &ended.outcome) {
                        return Ok(Verdict::resisted(last));
                    }
                }
            }
        }
        Ok(Verdict::resisted(last))
    }
}

/// Vulnerable, or nothing yet.
fn judge(number: usize, step: &Step, checks: &[String], ended: &Ended) -> Result<Option<Verdict>, Stop> {
    let failed = checks.iter().find_map(|check| holds(&ended.answer, check).err());
    if !step.attack {
        if !step.expect.is_empty() && !matches(&step.expect, &ended.outcome) {
            if let Some(tried) = step.tries.as_ref().filter(|_| ended.outcome != "trouble") {
                return Err(Stop::NotApplicable(format!(
                    "the server does not take {tried}: it came to {}",
                    ended.words
                )));
            }
            let wanted = step.expect.join(" or ");
            return Err(Stop::inconclusive(format!(
                "the control (step {number}) should end in {wanted}, but came to {}",
                ended.words
            )));
        }
        return match failed {
            None => Ok(None),
            Some(why) => Err(Stop::inconclusive(format!("the control (step {number}) does not hold: {why}"))),
        };
    }
    let says = step.says.clone().unwrap_or_default();
    if matches(&step.vulnerable, &ended.outcome) {
        return Ok(Some(Verdict::vulnerable(says)));
    }
    let trouble = ended.outcome == "trouble";
    if trouble || !(step.safe.is_empty() || matches(&step.safe, &ended.outcome) || matches(&step.over, &ended.outcome)) {
        return Err(Stop::inconclusive(format!(
            "the attack (step {number}) came to {}, which shows neither",
            ended.words
        )));
    }
    Ok(failed.map(|why| Verdict::vulnerable(format!("{says}: {why}"))))
}

/// `refused` stands for every clean refusal, `error` for every OAuth error, `any` for all but trouble.
fn matches(wanted: &[String], outcome: &str) -> bool {
    wanted.iter().any(|wanted| match wanted.as_str() {
        "any" => outcome != "trouble",
        "refused" => outcome == "refused" || outcome.starts_with("error:"),
        "error" => outcome.starts_with("error:"),
        exact => exact == outcome,
    })
}

impl Play<'_> {
    async fn step(&mut self, step: &Step) -> Result<Ended, Stop> {
        if let Some(client) = &step.client {
            self.client.clone_from(client);
        }
        for (name, kept) in &step.take {
            let value = self.values.get(self.cx, kept)?;
            self.values.set(name, value);
        }
        let ended = match step.deed {
            Deed::Authorize => self.authorize(step).await?,
            Deed::Call => self.call(step).await?,
            Deed::Get => self.get(step).await?,
            Deed::Wait => self.wait(step).await?,
            Deed::ClientCredentials | Deed::Introspect | Deed::Redeem | Deed::Refresh | Deed::Revoke | Deed::Token => {
                self.back_channel(step).await?
            }
        };
        for (name, present) in &step.save {
            let value = self.values.get(self.cx, present)?;
            self.values.set(name, value);
        }
        Ok(ended)
    }

    /// The values of `each`, or as many rounds as `times` says.
    fn rounds(&self, step: &Step) -> Result<Vec<Option<String>>, Stop> {
        if step.each.is_empty() {
            return Ok(vec![None; step.times.unwrap_or(1) as usize]);
        }
        let mut values = Vec::new();
        let mut lacking = None;
        for each in &step.each {
            match self.fill(each) {
                Ok(value) => values.push(Some(value)),
                Err(Stop::NotApplicable(because)) => lacking = Some(because),
                Err(stop) => return Err(stop),
            }
        }
        match lacking {
            Some(because) if values.is_empty() => Err(Stop::NotApplicable(because)),
            _ => Ok(values),
        }
    }

    fn role(&self) -> Result<Role, Stop> {
        self.cx.client(&self.client)
    }

    fn fill(&self, text: &str) -> Result<String, Stop> {
        self.values.fill(self.cx, text)
    }

    /// Changes a request as the step says. What is to be sent instead of the parameters, if anything, comes back.
    fn bend(
        &self,
        step: &Step,
        params: &mut Params,
        method: &mut String,
        headers: &mut Vec<(String, String)>,
    ) -> Result<Option<String>, Stop> {
        for (name, value) in &step.set {
            params.set(name, self.fill(value)?);
        }
        for name in &step.unset {
            params.unset(name);
        }
        for (name, value) in &step.also {
            params.also(&self.fill(name)?, self.fill(value)?);
        }
        if let Some(other) = &step.method {
            method.clone_from(other);
        }
        for (name, value) in &step.headers {
            headers.push((name.clone(), self.fill(value)?));
        }
        step.raw.as_ref().map(|raw| self.fill(raw)).transpose()
    }

    async fn authorize(&mut self, step: &Step) -> Result<Ended, Stop> {
        let client = self.role()?;
        let mut request = self.cx.request(&client)?;
        self.values.set("client_id", &client.client_id);
        for name in ["state", "nonce", "redirect_uri", "code_challenge"] {
            if let Some(value) = request.params.get(name) {
                self.values.set(name, value);
            }
        }
        self.values.set("code_verifier", &request.verifier);
        request.raw_query = self.bend(step, &mut request.params, &mut request.method, &mut request.headers)?;
        let mut person = match (step.session, self.person.take()) {
            (SessionWord::Shared, Some(person)) => person,
            (SessionWord::Shared, None) => self.cx.person(),
            (SessionWord::Fresh, _) => self.cx.fresh_person(),
            (SessionWord::Second, _) => self.cx.second_person()?,
            (SessionWord::Stranger, _) => self.cx.stranger(),
        };
        let intent = match step.person {
            PersonWord::Allow => Intent::Allow,
            PersonWord::Anonymous => Intent::Anonymous,
            PersonWord::Deny => Intent::Deny,
            PersonWord::Stop => Intent::Stop,
        };
        let landing = self.cx.walk(&mut person, &request, intent).await?;
        self.person = Some(person);
        self.keep_landing(&landing);
        self.request = Some(request);
        Ok(Ended { outcome: landing.outcome(), answer: landing.answer().clone(), words: landing.describe() })
    }

    fn keep_landing(&mut self, landing: &Landing) {
        for name in ["code", "access_token", "id_token", "iss", "error"] {
            if let Some(value) = landing.param(name) {
                self.values.set(name, value);
            }
        }
        self.values.set("landed", landing.url().as_str());
        if let Some(state) = landing.param("state") {
            self.values.set("returned_state", state);
        }
    }

    async fn back_channel(&mut self, step: &Step) -> Result<Ended, Stop> {
        let mut request = self.back_request(step)?;
        request.raw_body = self.bend(step, &mut request.params, &mut request.method, &mut request.headers)?;
        self.authenticate(step, &mut request)?;
        // Wrong credentials slow their source down, as they should; the honest address must not pay for it.
        let spoiled = step.auth.is_some() || step.secret.is_some();
        let back = if spoiled { request.send(&self.cx.elsewhere()).await? } else { request.send(self.cx).await? };
        for name in ["access_token", "refresh_token", "id_token", "token_type", "scope"] {
            if let Some(value) = back.member(name) {
                self.values.set(name, value);
            }
        }
        if let Some(seconds) = back.json["expires_in"].as_u64() {
            self.values.set("expires_in", seconds.to_string());
        }
        let (outcome, status) = (back.outcome(), back.answer.status);
        Ok(Ended { words: format!("{outcome} (status {status})"), outcome, answer: back.answer })
    }

    fn back_request(&self, step: &Step) -> Result<BackRequest, Stop> {
        let client = self.role()?;
        let token = || match &step.token {
            Some(token) => self.fill(token),
            None => self.values.get(self.cx, "access_token"),
        };
        Ok(match step.deed {
            Deed::Redeem => {
                let earlier = "the case file redeems before it authorizes";
                let request = self.request.as_ref().ok_or_else(|| Stop::inconclusive(earlier))?;
                let mut redeem = self.cx.redeem(request, &self.values.get(self.cx, "code")?);
                redeem.params.set("code_verifier", self.values.get(self.cx, "code_verifier")?);
                redeem.as_client(&client)
            }
            Deed::Refresh => self.cx.refresh(&client, &self.values.get(self.cx, "refresh_token")?),
            Deed::ClientCredentials => self.cx.client_credentials(&client),
            Deed::Introspect => self.cx.introspect(&client, &token()?),
            Deed::Revoke => self.cx.revoke(&client, &token()?),
            _ => {
                let mut request = self.cx.token(&client, "");
                request.params.unset("grant_type");
                request
            }
        })
    }

    fn authenticate(&self, step: &Step, request: &mut BackRequest) -> Result<(), Stop> {
        let id = request.client.client_id.clone();
        let secret = match &step.secret {
            Some(secret) => self.fill(secret)?,
            None => request.client.client_secret.clone().unwrap_or_default(),
        };
        match step.auth.as_deref() {
            None | Some("own") if step.secret.is_some() => request.client.client.client_secret = Some(secret),
            None | Some("own") => {}
            Some("none") => request.auth = Auth::Nothing,
            Some("id") => request.auth = Auth::IdOnly,
            Some("basic") => request.auth = Auth::Basic(id, secret),
            Some("post") => request.auth = Auth::Post(id, secret),
            Some(role) => request.client = self.cx.client(role)?,
        }
        Ok(())
    }

    async fn call(&mut self, step: &Step) -> Result<Ended, Stop> {
        let token = match &step.token {
            Some(token) => self.fill(token)?,
            None => self.values.get(self.cx, "access_token")?,
        };
        let lacks = |what: &str| Stop::inconclusive(format!("the target file names no `{what}`"));
        let target = self.cx.target();
        let (url, method) = match step.at.as_deref() {
            None => self.cx.protected()?,
            Some("userinfo") => (self.cx.endpoint("userinfo_endpoint")?, "GET".into()),
            Some("high-resource") => {
                let resource = self.cx.resource()?;
                (resource.high_url.clone().ok_or_else(|| lacks("resource.high_url"))?, resource.method.clone())
            }
            Some("other-resource") => {
                let resource = target.other_resource.as_ref().ok_or_else(|| lacks("other_resource"))?;
                (resource.url.clone(), resource.method.clone())
            }
            Some(_) => (self.cx.resource()?.url.clone(), self.cx.resource()?.method.clone()),
        };
        let method = step.method.clone().unwrap_or(method);
        let answer = self.cx.call(&url, &method, &token, step.place).await?;
        let outcome = call_outcome(&answer);
        Ok(Ended { words: format!("{outcome} (status {})", answer.status), outcome, answer })
    }

    async fn get(&mut self, step: &Step) -> Result<Ended, Stop> {
        let url = match (&step.url, &step.endpoint) {
            (_, Some(name)) => self.cx.endpoint(name)?,
            (Some(url), None) => {
                let url = self.fill(url)?;
                Url::parse(&url).map_err(|error| Stop::inconclusive(format!("the case file's URL {url}: {error}")))?
            }
            (None, None) => return Err(Stop::inconclusive("the case file's `get` has neither url nor endpoint")),
        };
        let mut request = Request::get("request", url);
        if let Some(method) = &step.method {
            request.method.clone_from(method);
        }
        for (name, value) in &step.headers {
            request.headers.push((name.clone(), self.fill(value)?));
        }
        if let Some(body) = &step.body {
            request.body = self.fill(body)?.into_bytes();
        }
        let answer = self.cx.send(&request).await?;
        let outcome = match answer.status {
            429 | 500.. => "trouble".to_owned(),
            status => format!("status:{status}"),
        };
        Ok(Ended { words: format!("status {}", answer.status), outcome, answer })
    }

    async fn wait(&self, step: &Step) -> Result<Ended, Stop> {
        let operator = &self.cx.target().operator;
        let lacks = |what: &str| {
            Stop::inconclusive(format!("the target file names no `operator.{what}`, so expiry was not waited for"))
        };
        let seconds = match step.wait_for.as_deref() {
            Some("code") => operator.code_seconds.ok_or_else(|| lacks("code_seconds"))? + 2,
            // What the last answer said of its own token is as good as the operator's word.
            Some("access-token") => match self.values.0.get("expires_in").and_then(|said| said.parse::<u64>().ok()) {
                Some(said) if said <= LONGEST_LIFE => said + 2,
                _ => operator.access_token_seconds.ok_or_else(|| lacks("access_token_seconds"))? + 2,
            },
            other => other.and_then(|seconds| seconds.parse().ok()).unwrap_or(1),
        };
        tokio::time::sleep(Duration::from_secs(seconds.min(180))).await;
        Ok(Ended { outcome: "done".into(), answer: Answer::default(), words: format!("{seconds} s of waiting") })
    }
}
