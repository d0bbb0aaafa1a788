//! Words by which a person knows what a button does, in English, German, French and Spanish.

const ALLOW: &[&str] = &[
    "allow",
    "accept",
    "approve",
    "authorize",
    "authorise",
    "continue",
    "grant",
    "consent",
    "confirm",
    "agree",
    "permit",
    "yes",
    "ok",
    "okay",
    "erlauben",
    "zulassen",
    "akzeptieren",
    "annehmen",
    "zustimmen",
    "einwilligen",
    "genehmigen",
    "autorisieren",
    "weiter",
    "fortfahren",
    "bestätigen",
    "gewähren",
    "ja",
    "autoriser",
    "accepter",
    "approuver",
    "continuer",
    "consentir",
    "permettre",
    "confirmer",
    "oui",
    "permitir",
    "aceptar",
    "autorizar",
    "aprobar",
    "continuar",
    "conceder",
    "confirmar",
    "sí",
    "si",
];

const DENY: &[&str] = &[
    "deny",
    "denied",
    "cancel",
    "reject",
    "refuse",
    "decline",
    "disallow",
    "abort",
    "no",
    "not",
    "don't",
    "dont",
    "never",
    "ablehnen",
    "abbrechen",
    "abbruch",
    "verweigern",
    "verbieten",
    "nein",
    "nicht",
    "refuser",
    "annuler",
    "rejeter",
    "non",
    "pas",
    "rechazar",
    "denegar",
    "cancelar",
    "negar",
];

/// Buttons and links on sign-in pages that lead away from signing in.
const ASIDE: &[&str] = &[
    "register",
    "registration",
    "signup",
    "forgot",
    "forgotten",
    "reset",
    "create",
    "help",
    "back",
    "registrieren",
    "vergessen",
    "zurück",
    "konto",
    "inscrire",
    "oublié",
    "retour",
    "crear",
    "olvidé",
    "volver",
    "show",
    "hide",
    "google",
    "facebook",
    "github",
    "apple",
    "microsoft",
    "passkey",
    "sso",
    "language",
    "switch",
];

const ERROR: &[&str] = &[
    "error",
    "errors",
    "problem",
    "invalid",
    "denied",
    "forbidden",
    "wrong",
    "failed",
    "unauthorized",
    "refused",
    "oops",
    "fehler",
    "ungültig",
    "erreur",
    "refusé",
    "incorrect",
    "prohibido",
    "expired",
    "mismatch",
    "unsupported",
];

/// What a button means to a person who is asked for consent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// Gives the client what it asks for.
    Allow,
    /// Refuses.
    Deny,
}

/// What the texts of a button mean, the one that a person reads first. A word of refusal weighs more than one of consent
/// beside it: "do not allow". Texts of more than six words are no button.
pub fn answer<'a>(texts: impl IntoIterator<Item = &'a str>) -> Option<Answer> {
    texts.into_iter().find_map(|text| {
        let words = words(text);
        if words.len() > 6 {
            None
        } else if any(&words, DENY) {
            Some(Answer::Deny)
        } else if any(&words, ALLOW) {
            Some(Answer::Allow)
        } else {
            None
        }
    })
}

/// The name of a box is one of the words of consent and nothing more: "confirm".
pub fn is_consent_box(name: &str) -> bool {
    let words = words(name);
    words.len() == 1 && any(&words, ALLOW)
}

/// The texts lead away from signing in.
pub fn leads_aside(text: &str) -> bool {
    any(&words(text), ASIDE)
}

/// The text tells of an error.
pub fn tells_error(text: &str) -> bool {
    any(&words(text), ERROR)
}

fn any(words: &[String], list: &[&str]) -> bool {
    words.iter().any(|word| list.contains(&word.as_str()))
}

fn words(text: &str) -> Vec<String> {
    let split = text.split(|c: char| !c.is_alphanumeric() && c != '\'' && c != '’');
    split.filter(|word| !word.is_empty()).take(200).map(|word| word.replace('’', "'").to_lowercase()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refusal_weighs_more_than_consent() {
        assert_eq!(answer(["Allow access"]), Some(Answer::Allow));
        assert_eq!(answer(["Do not allow"]), Some(Answer::Deny));
        assert_eq!(answer(["Don’t allow"]), Some(Answer::Deny));
        assert_eq!(answer(["Zulassen"]), Some(Answer::Allow));
        assert_eq!(answer(["Refuser"]), Some(Answer::Deny));
        assert_eq!(answer(["Sí, continuar"]), Some(Answer::Allow));
        assert_eq!(answer(["[ Cancel ]"]), Some(Answer::Deny));
        assert_eq!(answer(["Sign in", "login"]), None);
        assert_eq!(answer(["Läuft", "accept"]), Some(Answer::Allow));
        assert_eq!(answer(["By going on you accept the terms of all our partners"]), None);
    }
}
