//! Threats at the authorization endpoint: the request, the sign-in and consent pages, and the way back.

macro_rules! authorization_endpoint {
    ([$next:ident $($rest:ident)*] $($groups:tt)*) => {
        $next! { [$($rest)*] $($groups)*
            AuthorizationEndpoint {
                PasswordPhishingCounterfeitAs = "password-phishing-counterfeit-as", seen Outside,
                    does "A copy of the sign-in page, reached by false DNS or a similar name, records what users type.",
                    safe "Sign-in lives on one stable host, over TLS with HSTS, and offers passkeys, which a copy cannot use.",
                    source "RFC 6819 section 4.2.1; RFC 8252 section 8.7";
                TooMuchScopeGranted = "too-much-scope-granted", seen Outside,
                    does "A client asks for all it can name, and the user agrees without seeing what that means.",
                    safe "Each client has a ceiling, the page explains every scope in plain words and lets the user strike some, and the answer says what was granted.",
                    source "RFC 6819 section 4.2.2; RFC 9700 section 2.3; the cheat sheet";
                ExistingAuthorizationByFraud = "existing-authorization-by-fraud", seen Outside,
                    does "A malicious app borrows the identifier of an app the user once approved and gets a code without any question.",
                    safe "Remembered consent counts only for clients that proved who they are, by authentication or a verified https redirect; all others ask again.",
                    source "RFC 6819 section 4.2.3; RFC 9700 section 4.1.1; RFC 8252 section 8.6";
                AsOpenRedirector = "as-open-redirector", seen Outside,
                    does "A link to the trusted server with the attacker's site as redirect_uri, and often a deliberate mistake, takes the victim straight there.",
                    safe "Client and redirect URI are checked before all else; if either is wrong, the answer is an error page and never a redirect.",
                    source "RFC 9700 section 4.11.2; RFC 6819 section 4.2.4; RFC 9126 section 7.2";
                AsRedirectToPhishingClient = "as-redirect-to-phishing-client", seen Outside,
                    does "The attacker registers a phishing page as a client and has the server send victims to it by requests that are bound to fail.",
                    safe "Errors go back without a question only to clients an operator trusts; for others the user signs in first or sees where the link leads.",
                    source "RFC 9700 section 4.11.2; the cheat sheet";
                RedirectUriPatternMatch = "redirect-uri-pattern-match", seen Outside,
                    does "A wildcard, prefix or host-only comparison accepts an address the attacker can read, and the code lands there.",
                    safe "Requested and registered redirect URI must be equal octet by octet; only the port of a native client's loopback address may differ.",
                    source "RFC 9700 section 4.1.1; RFC 6819 section 5.2.3.5; CVE-2025-4143";
                RedirectUriParserConfusion = "redirect-uri-parser-confusion", seen Outside,
                    does "An oddly spelt redirect URI, with userinfo, backslashes or dot segments, looks registered to the server and leads elsewhere in the browser.",
                    safe "Nothing is decided on parsed parts: only octet equality counts, strange spellings cannot be registered, and Location carries the registered string.",
                    source "RFC 9700 section 4.1; CVE-2024-8883; CVE-2024-52289; CVE-2026-3872";
                RedirectUriParameterPollution = "redirect-uri-parameter-pollution", seen Outside,
                    does "A code or state hidden in the query of redirect_uri is read by the client before the genuine one and ties the victim to the attacker's account.",
                    safe "An unregistered query is refused, a query that contains response parameters cannot be registered, and a response holds each parameter once.",
                    source "ACSAC 2023, OAuth 2.0 Redirect URI Validation Falls Short, Literally";
                RedirectUriHomograph = "redirect-uri-homograph", seen Outside,
                    does "Letters that look alike, or become alike after Unicode mapping, make a foreign host pass for the registered one.",
                    safe "Redirect URIs are ASCII and compared without any mapping; pages show the ASCII form, and confusable client names are refused.",
                    source "RFC 9700 section 4.1; the native apps talk";
                RedirectUriDangerousScheme = "redirect-uri-dangerous-scheme", seen Outside,
                    does "A script or data URI registered as redirect runs code with the server's own origin, or a plain http one shows the code to the network.",
                    safe "Schemes come from an allow-list, checked when registered and when used, and leaving the server is always a header, never a script.",
                    source "RFC 9700 section 2.6; RFC 8252 section 7.3";
                DuplicateParameters = "duplicate-parameters", seen Outside,
                    does "By sending a parameter twice the attacker lets a filter check one value and the server act on the other.",
                    safe "A repeated parameter is an error unless its definition allows it, and each endpoint reads parameters from one place only.",
                    source "RFC 6749 sections 3.1 and 3.2";
                ResponseModeSwitching = "response-mode-switching", seen Outside,
                    does "With another response type or mode the code is stranded, unused, in the address of an error page whose scripts pass it on.",
                    safe "Each client has a list of response types and modes, tokens never travel in the query, and PKCE makes a stranded code useless.",
                    source "RFC 9700 section 2.1.2; Detectify 2022 (dirty dancing)";
                Clickjacking = "clickjacking", seen Outside,
                    does "The consent or sign-in page is loaded unseen in a frame of a hostile site, and the victim's click there lands on Allow.",
                    safe "Every page forbids framing in its headers and is not rendered for a request that says it comes from a frame.",
                    source "RFC 9700 section 4.16; RFC 6819 section 4.4.1.9";
                ResourceOwnerImpersonation = "resource-owner-impersonation", seen Outside,
                    does "A program on the user's device loads the consent form in a signed-in session and submits it as if it were the user.",
                    safe "Sensitive scopes need something a program cannot supply, such as a fresh passkey or password, and the user hears of every approval.",
                    source "RFC 6819 section 4.4.1.10; RFC 9700 section 4.11.2; the native apps talk";
                ConsentForgery = "consent-forgery", seen Outside,
                    does "A hostile page submits the approval in the victim's browser, or a parameter skips it, and the attacker's client gets a code.",
                    safe "Only a POST that carries a one-time token made for this user, session and request approves; no parameter can stand for consent.",
                    source "RFC 6749 section 10.12; CVE-2026-53660";
                ConsentTransactionSwap = "consent-transaction-swap", seen Outside,
                    does "The victim finishes a sign-in the attacker started, and the attacker collects the code in their own browser.",
                    safe "A pending request belongs to the browser that started it, keeps the user who signed in, and works once and briefly.",
                    source "RFC 9700 section 4.7; CVE-2026-9087";
                LoginSessionFixation = "login-session-fixation", seen Outside,
                    does "A planted session cookie or forced login makes the victim work in a session the attacker chose or still holds.",
                    safe "Sign-in gives a new session and kills the old one; cookies are bound to the host, and the sign-in form has its own token.",
                    source "RFC 6749 section 10.12; RFC 9700 section 4.7; RFC 10017 section 6.1.3.2";
                ConsentPageInjection = "consent-page-injection", seen Outside,
                    does "Markup, script links or a borrowed company name in client metadata run on the consent page or make it lie.",
                    safe "Metadata is always escaped and links must be https; a client nobody vouched for is shown as unverified, with its host.",
                    source "RFC 7591 section 5; the native apps talk";
                FormPostInjection = "form-post-injection", seen Outside,
                    does "Markup in state or another echoed value becomes script on the server's origin in a form_post, error or message page.",
                    safe "Values are escaped for where they stand, page scripts are fixed and named by hash, and error pages repeat nothing unescaped.",
                    source "OAuth 2.0 Form Post Response Mode; RFC 9700 section 4.17";
                Redirect307 = "redirect-307", seen Outside,
                    does "After sign-in a redirect with status 307 or 308 makes the browser send the password on to the client.",
                    safe "A redirect after a POST is always 303, and what leaves for the client never held the password.",
                    source "RFC 9700 section 4.12; OpenID Connect Core section 16.22";
                RequestObjectBypass = "request-object-bypass", seen Outside,
                    does "The authorization request is changed on its way, or its signature is forged, stripped or simply not sent.",
                    safe "A client that must sign or push is held to it, with its registered algorithm and checked claims, and parameters outside the object are ignored.",
                    source "RFC 9101 section 10; RFC 9126 sections 1, 5 and 6; RFC 9700 section 4.1.3";
                ParRequestUriAbuse = "par-request-uri-abuse", seen Outside,
                    does "The handle of a pushed request is guessed, replayed, or used by another client.",
                    safe "Handles are long random values that live about a minute, serve one authorization and one client, and survive a stranger's attempt.",
                    source "RFC 9126 section 7; CVE-2024-4540";
                ConsentScopeCreep = "consent-scope-creep", seen Outside,
                    does "Having one approval, a client asks for more and gets it without the user seeing the difference.",
                    safe "Consent covers exactly the scopes, resources and details that were shown; anything new, or a changed client, needs a page.",
                    source "RFC 6819 section 5.2.4.1; RFC 9396 section 12";
                AccountEnumeration = "account-enumeration", seen Outside,
                    does "Small differences in text, status, timing or redirect tell strangers which accounts exist or who is signed in.",
                    safe "Known and unknown names get the same answer after the same work, and silent requests reveal nothing to other sites.",
                    source "RFC 6819 section 4.4.3.6; OpenID Connect Core section 3.1.2.1";
            }
        }
    };
}
