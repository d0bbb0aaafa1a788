//! Threats to the authorization code between the browser, the client and the token endpoint.

macro_rules! authorization_code {
    ([$next:ident $($rest:ident)*] $($groups:tt)*) => {
        $next! { [$($rest)*] $($groups)*
            AuthorizationCode {
                CodeEavesdroppingLeak = "code-eavesdropping-leak", seen Outside,
                    does "A code read from a log, a Referer header, the history or the wire is redeemed by whoever found it.",
                    safe "Codes live a minute, work once, and only for their client, redirect URI and PKCE verifier; pages send no referrer and logs hold no codes.",
                    source "RFC 9700 sections 4.2 and 4.3.1; RFC 6819 section 4.4.1.1; RFC 9449 section 11.9";
                CodeFromAsDatabase = "code-from-as-database", seen Inside,
                    does "With a copy of the database the attacker picks live codes of valuable users and redeems them.",
                    safe "Only a hash of each code is stored, and the PKCE verifier never is.",
                    source "RFC 6819 section 4.4.1.2; the native apps talk";
                CodeOnlineGuessing = "code-online-guessing", seen Outside,
                    does "The attacker studies their own codes and posts guesses for those of others.",
                    safe "Codes carry 256 random bits; a hit would still lack the client's proof and verifier, and wrong codes are counted.",
                    source "RFC 6819 section 4.4.1.3; the native apps talk";
                MaliciousClientObtainsAuthorization = "malicious-client-obtains-authorization", seen Outside,
                    does "An impostor under a trusted client's identifier, or a similar name, persuades the user to grant it access.",
                    safe "Clients that can authenticate must; the rest are asked for every time, under an exact redirect URI, with name, origin and scope shown.",
                    source "RFC 6819 section 4.4.1.4; RFC 8252 section 8.6; RFC 10017 section 6.3.3.2";
                CodePhishing = "code-phishing", seen Outside,
                    does "A false host answers in place of the client's own, receives the code and redeems it.",
                    safe "Web clients must use https redirect URIs, and a code needs the client's credentials or a verifier the false host never saw.",
                    source "RFC 6819 section 4.4.1.5";
                UserSessionImpersonation = "user-session-impersonation", seen Outside,
                    does "A code caught on its way is fed to the real client's callback, and the attacker is now signed in there under the victim's name.",
                    safe "Every client must use PKCE, so a code carried into another browser session does not fit the verifier kept there.",
                    source "RFC 6819 section 4.4.1.6; RFC 9700 section 4.5";
                CodeLeakCounterfeitClient = "code-leak-counterfeit-client", seen Outside,
                    does "A victim's code, obtained through a changed redirect_uri, is fed to the real client, which then opens the victim's data to the attacker's account there.",
                    safe "A code remembers the redirect URI it was sent to and is not redeemed with any other.",
                    source "RFC 6819 section 4.4.1.7; RFC 6749 section 4.1.3; the cheat sheet";
                CsrfOnRedirectUri = "csrf-on-redirect-uri", seen Outside,
                    does "The victim's browser is made to deliver the attacker's code, so the client ties the victim's session to the attacker's account.",
                    safe "state comes back unchanged in every answer and PKCE is required, so a code from a foreign session does not fit.",
                    source "RFC 9700 section 4.7; RFC 6819 section 4.4.1.8; the cheat sheet";
                CodeReplay = "code-replay", seen Outside,
                    does "A code already redeemed is presented again, or the thief is first and the owner second.",
                    safe "The code is spent in the step that checks it; a second try by its own client ends every token the first one made.",
                    source "RFC 6749 sections 4.1.2 and 10.5; RFC 6819 section 5.2.1.1; the native apps talk";
                CodeExchangeRace = "code-exchange-race", seen Outside,
                    does "Many simultaneous token requests with one code each pass the check before any of them is recorded.",
                    safe "Spending is one compare-and-set in the transaction that stores the tokens: a single request wins, the rest get invalid_grant.",
                    source "RFC 6819 section 5.2.1.1; CVE-2026-53518; RFC 9449 section 11.9";
                CodeInjection = "code-injection", seen Outside,
                    does "A stolen code is swapped into the attacker's own login at the real client, whose credentials then redeem it.",
                    safe "PKCE is required of every client: the code is tied to a challenge for which the attacker's session has no verifier.",
                    source "RFC 9700 section 4.5; the cheat sheet";
                CodeClientMismatch = "code-client-mismatch", seen Outside,
                    does "A hostile client redeems a code issued to another, or hands its own user's code to another client as a login.",
                    safe "The client is established first and must be the one the code was issued to; a stranger cannot spend the code or burn it.",
                    source "RFC 6749 section 4.1.3; RFC 6819 sections 5.2.4.4 and 4.4.1.13; the native apps talk";
                PkceDowngrade = "pkce-downgrade", seen Outside,
                    does "PKCE is stripped from the request or the redemption, so that a code works without proof.",
                    safe "A request without a challenge is refused, and so is a code that comes without its verifier, or with one although it has no challenge.",
                    source "RFC 9700 sections 4.8 and 2.1.1";
                PkcePlainObserved = "pkce-plain-observed", seen Outside,
                    does "With the plain method, whoever sees the authorization request already holds the verifier.",
                    safe "S256 is the only method accepted or announced; a challenge without a method is refused.",
                    source "RFC 7636 section 7.2; RFC 9700 section 2.1.1; the mobile attestation article";
                PkceWeakOrReusedChallenge = "pkce-weak-or-reused-challenge", seen Outside,
                    does "A guessable or constant verifier, or a challenge planted from the attacker's own session, makes a stolen code fit.",
                    safe "Verifier and challenge must have the prescribed shape, and a challenge that a client sends a second time is reported.",
                    source "RFC 9700 sections 4.5.4 and 2.1.1; RFC 7636 section 7.1";
                StatelessCodeForgery = "stateless-code-forgery", seen Inside,
                    does "A code that carries its own data is read, forged with a weak key, or replayed because nobody remembers it.",
                    safe "Such a code is encrypted and authenticated under a rotating key, holds all that is checked, and its identifier is recorded as spent.",
                    source "RFC 6819 sections 5.1.5.9 and 4.4.1.3; the mobile attestation article";
                BrowserSwapping = "browser-swapping", seen Inside,
                    does "The victim completes a flow from the attacker's browser and the leaked answer is loaded back there, where state and PKCE match.",
                    safe "Answers are kept from leaking by form_post, short life and no referrer, and the user is shown where the flow began and what it joins.",
                    source "RFC 9700 section 4.5.4; FAPI 2.0 Security Profile";
            }
        }
    };
}
