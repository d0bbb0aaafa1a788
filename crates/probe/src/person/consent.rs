//! Consent: allowing or denying what a client asks for.

use super::driver::{Action, Intent, Press, bare, press_or_follow};
use super::form::{Changes, Tick};
use super::found::Found;
use super::page::{Control, ControlKind, Form, Page};
use super::words::{self, Answer};

/// Place of the form in which consent is asked for: the one that the target file names, the one with the button it names,
/// else the first with a button, a choice or a box that reads like consent.
pub fn form(page: &Page, found: &Found) -> Option<usize> {
    let holds =
        |form: &Form, elements: &[usize]| form.buttons().any(|(_, control)| elements.contains(&control.element));
    let named =
        page.forms.iter().position(|form| form.element.is_some_and(|element| found.consent_form.contains(&element)));
    named.or_else(|| page.forms.iter().position(|form| holds(form, &found.allow))).or_else(|| {
        page.forms.iter().position(|form| {
            let writes = form.controls.iter().any(|control| control.visible && control.kind.is_writing());
            !writes
                && (by_words(form, Answer::Allow).is_some()
                    || choice(form, Answer::Allow).is_some()
                    || !boxes(form).is_empty())
        })
    })
}

/// Allows or denies. Boxes for scopes stay as they are, but for those that the target file names.
pub fn act(page: &Page, found: &Found, intent: Intent) -> Action {
    let Some((place, form)) = form(page, found).and_then(|place| Some((place, page.forms.get(place)?))) else {
        return Action::Stuck(format!("{} has no form for consent", page.sketch()));
    };
    match intent {
        Intent::Allow => allow(page, found, place, form),
        _ => deny(page, found, place, form),
    }
}

fn allow(page: &Page, found: &Found, place: usize, form: &Form) -> Action {
    let named = form.buttons().find(|(_, control)| found.allow.contains(&control.element) && usable(control));
    let button = named.map(|(button, _)| button).or_else(|| by_words(form, Answer::Allow));
    let mut changes = Changes::default();
    changes.ticked.extend(choice(form, Answer::Allow).map(|radio| (radio, Tick::On)));
    changes.ticked.extend(boxes(form).into_iter().map(|ticked| (ticked, Tick::On)));
    let named = form.controls.iter().enumerate().filter(|(_, control)| found.tick.contains(&control.element));
    changes.ticked.extend(named.map(|(ticked, _)| (ticked, Tick::On)));
    match button.or_else(|| only_button(form)) {
        Some(button) => Action::Submit(Press { form: place, changes, button: Some(button) }),
        None => Action::Stuck(format!("{} has no button that allows", page.sketch())),
    }
}

fn deny(page: &Page, found: &Found, place: usize, form: &Form) -> Action {
    if let Some(action) = press_or_follow(page, &found.deny) {
        return action;
    }
    if let Some(button) = by_words(form, Answer::Deny) {
        return Action::Submit(bare(place, Some(button)));
    }
    let mut changes = Changes::default();
    changes.ticked.extend(choice(form, Answer::Deny).map(|radio| (radio, Tick::On)));
    changes.ticked.extend(boxes(form).into_iter().map(|ticked| (ticked, Tick::Off)));
    if let Some(button) = only_button(form)
        && !changes.ticked.is_empty()
    {
        return Action::Submit(Press { form: place, changes, button: Some(button) });
    }
    let link = page.links.iter().find(|link| words::answer([link.label.as_str()]) == Some(Answer::Deny));
    link.map_or_else(
        || Action::Stuck(format!("{} has no button that denies", page.sketch())),
        |link| Action::Follow { to: link.to.clone(), mark: link.mark.clone() },
    )
}

fn usable(control: &Control) -> bool {
    control.visible && !control.disabled
}

/// The button that reads so. One that sends the form goes before one that only script knows.
fn by_words(form: &Form, wanted: Answer) -> Option<usize> {
    let reads = |control: &Control| {
        let texts = [control.label.as_str(), &control.value, &control.id, &control.name];
        words::answer(texts) == Some(wanted) && !words::leads_aside(&control.label)
    };
    let pressed = |control: &Control| usable(control) && reads(control);
    let sends = form.buttons().find(|(_, control)| control.kind.sends() && pressed(control));
    sends.or_else(|| form.buttons().find(|(_, control)| pressed(control))).map(|(place, _)| place)
}

/// The radio button that reads so.
fn choice(form: &Form, wanted: Answer) -> Option<usize> {
    form.controls.iter().position(|control| {
        let texts = [control.value.as_str(), &control.label];
        control.kind == ControlKind::Radio && usable(control) && words::answer(texts) == Some(wanted)
    })
}

/// Boxes whose tick is the consent itself.
fn boxes(form: &Form) -> Vec<usize> {
    let is_box = |control: &Control| control.kind == ControlKind::Checkbox && usable(control);
    let all = form.controls.iter().enumerate();
    all.filter(|(_, control)| is_box(control) && words::is_consent_box(&control.name)).map(|(place, _)| place).collect()
}

fn only_button(form: &Form) -> Option<usize> {
    let mut buttons = form.buttons().filter(|(_, control)| control.kind.sends() && usable(control));
    let only = buttons.next()?;
    buttons.next().is_none().then_some(only.0)
}
