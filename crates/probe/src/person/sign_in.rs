//! Signing in: name and password on one page or on two.

use super::driver::{Action, Errand, Press};
use super::form::{Changes, Tick};
use super::found::Found;
use super::page::{Control, ControlKind, Form, Page};
use super::words;

/// Names under which servers ask for a user.
const NAMES: &[&str] = &[
    "username",
    "user",
    "login",
    "email",
    "mail",
    "userid",
    "loginid",
    "identifier",
    "account",
    "accountname",
    "uid",
    "handle",
    "loginfmt",
    "jusername",
    "usernameoremail",
    "emailaddress",
    "benutzername",
    "benutzer",
    "identifiant",
    "usuario",
    "loginhint",
    "phone",
];

/// A form in which a person signs in, and what is for what in it, by place of the control.
#[derive(Debug)]
pub struct SignIn {
    form: usize,
    username: Option<usize>,
    password: Option<usize>,
    /// Further fields that the target file names.
    fields: Vec<(usize, String)>,
}

/// The page's form for signing in. Of several the one with a single password, then the one with the fewest fields: not the
/// one for registering.
pub fn form(page: &Page, found: &Found) -> Option<SignIn> {
    let all = page.forms.iter().enumerate().filter_map(|(place, form)| Some((look(place, form, found)?, form)));
    let best = all.min_by_key(|(sign_in, form)| {
        let fields = form.controls.iter().filter(|control| control.visible && control.kind.is_writing()).count();
        (sign_in.password.is_none(), fields)
    });
    best.map(|(sign_in, _)| sign_in)
}

fn look(place: usize, form: &Form, found: &Found) -> Option<SignIn> {
    let open = |control: &Control| control.visible && !control.disabled;
    let at =
        |wanted: &[usize]| form.controls.iter().position(|control| open(control) && wanted.contains(&control.element));
    let passwords: Vec<usize> = places(form, |control| open(control) && control.kind == ControlKind::Password);
    // Two passwords are for choosing a new one.
    let password = at(&found.password).or_else(|| Some(*passwords.first()?).filter(|_| passwords.len() == 1));
    let username = at(&found.username).or_else(|| username(form, password)).filter(|name| Some(*name) != password);
    let named = form.controls.iter().enumerate().filter(|(_, control)| open(control));
    let fields: Vec<_> = named.filter_map(|(place, control)| Some((place, found.field(control)?.to_owned()))).collect();
    let nothing = username.is_none() && password.is_none() && fields.is_empty();
    let chooses_new = passwords.len() > 1 && password.is_none();
    (!nothing && !chooses_new).then_some(SignIn { form: place, username, password, fields })
}

fn places(form: &Form, wanted: impl Fn(&Control) -> bool) -> Vec<usize> {
    form.controls.iter().enumerate().filter(|(_, control)| wanted(control)).map(|(place, _)| place).collect()
}

/// By what the page says of its fields, then by their names; beside a password also just the text before it.
fn username(form: &Form, password: Option<usize>) -> Option<usize> {
    let texts = places(form, |control| {
        control.visible && !control.disabled && control.kind == ControlKind::Text && control.input_type != "search"
    });
    let by =
        |is: &dyn Fn(&Control) -> bool| texts.iter().copied().find(|place| form.controls.get(*place).is_some_and(is));
    by(&|control| control.autocomplete.split_whitespace().any(|word| word == "username"))
        .or_else(|| by(&|control| is_name(&control.name) || is_name(&control.id)))
        .or_else(|| by(&|control| control.autocomplete == "email" || control.input_type == "email"))
        .or_else(|| texts.iter().copied().rfind(|text| password.is_some_and(|password| *text < password)))
}

fn is_name(name: &str) -> bool {
    let plain: String = name.chars().filter(|c| c.is_alphanumeric()).collect::<String>().to_lowercase();
    NAMES.contains(&plain.as_str())
}

/// Fills in the form and presses its button.
pub fn act(page: &Page, found: &Found, errand: &Errand<'_>) -> Action {
    let sign_in = form(page, found).and_then(|sign_in| Some((page.forms.get(sign_in.form)?, sign_in)));
    let Some((form, sign_in)) = sign_in else {
        return Action::Stuck(format!("{} has no form to sign in with", page.sketch()));
    };
    let Some(user) = errand.credentials else {
        return Action::Stuck(format!("{} asks to sign in, and the target file names no user", page.sketch()));
    };
    let mut changes = Changes::default();
    let named = [(sign_in.username, &user.username), (sign_in.password, &user.password)];
    let named = named.into_iter().filter_map(|(place, value)| Some((place?, value.clone())));
    for (place, value) in named.chain(sign_in.fields) {
        // A name that the server has set is not the person's to change: signing in again.
        if form.controls.get(place).is_some_and(|control| !control.readonly) {
            changes.written.insert(place, value);
        }
    }
    for place in places(form, |control| control.kind == ControlKind::Checkbox && !control.disabled) {
        if form.controls.get(place).is_some_and(|control| words::is_consent_box(&control.name)) {
            changes.ticked.insert(place, Tick::On);
        }
    }
    Action::Submit(Press { form: sign_in.form, changes, button: button(form, found) })
}

/// The button that signs in: by selector, else the first that neither refuses nor leads elsewhere. One that sends the form
/// goes before one that only script knows.
fn button(form: &Form, found: &Found) -> Option<usize> {
    let pressed = |control: &Control| control.visible && !control.disabled;
    let named = form.buttons().find(|(_, control)| found.submit.contains(&control.element) && !control.disabled);
    let plain = |control: &Control| {
        let texts = [control.label.as_str(), &control.value, &control.id, &control.name];
        words::answer(texts) != Some(words::Answer::Deny) && !texts.iter().any(|text| words::leads_aside(text))
    };
    named
        .or_else(|| form.buttons().find(|(_, control)| control.kind.sends() && pressed(control) && plain(control)))
        .or_else(|| form.buttons().find(|(_, control)| pressed(control) && plain(control)))
        .map(|(place, _)| place)
}
