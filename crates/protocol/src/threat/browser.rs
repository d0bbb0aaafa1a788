//! Threats from what browsers leak, share and allow other pages to do.

macro_rules! browser {
    ([$next:ident $($rest:ident)*] $($groups:tt)*) => {
        $next! { [$($rest)*] $($groups)*
            Browser {
                CredentialLeakViaReferrer = "credential-leak-via-referrer", seen Outside,
                    does "A code or state still in the address is passed to another host in the Referer header.",
                    safe "Pages load nothing from elsewhere and send no referrer; codes work once and only with their verifier.",
                    source "RFC 9700 section 4.2; the cheat sheet";
                PostmessageLeak = "postmessage-leak", seen Outside,
                    does "A code or token posted between windows reaches whichever page opened the popup, or a forged message is believed.",
                    safe "The mode is off; where it is on, a message names one origin as its target, that of the redirect URI registered for the client.",
                    source "RFC 9700 section 4.17; RFC 10017 section 6.3.3.3";
                BrowserScriptTokenTheft = "browser-script-token-theft", seen Outside,
                    does "Script injected into a browser app takes its tokens or silently fetches fresh ones under its own key.",
                    safe "Silent requests in frames are refused by default, refresh tokens rotate with a fixed end, and a backend can keep tokens out of the browser.",
                    source "RFC 10017 sections 5.1 and 8; RFC 9449 section 11.4";
                BffRequestForgery = "bff-request-forgery", seen Inside,
                    does "A foreign page drives the backend of a browser app by its cookie, or uses it as an open proxy with the user's token.",
                    safe "Its cookies are strict, each call needs a header only the app's origin can send, and it forwards to fixed upstreams only.",
                    source "RFC 10017 sections 5.1.4, 6.1.3.2, 6.1.3.3 and 6.1.3.6; RFC 9700 section 4.7";
                CorsMisconfiguration = "cors-misconfiguration", seen Outside,
                    does "A page on any site reads credentialed answers because the server allows every origin.",
                    safe "Interactive endpoints send no cross-origin headers; the others admit exact registered origins, without cookies.",
                    source "RFC 9700 section 2.6; RFC 10017 section 6.3.3.4; the cheat sheet";
                UrlExfiltrationByProxyConfig = "url-exfiltration-by-proxy-config", seen Outside,
                    does "A proxy script, extension or synced history passes on whole URLs, with codes, before the client acts.",
                    safe "URLs are treated as public: PKCE, single use, short life, and pushed requests and form_post to keep values out of them.",
                    source "RFC 9700 section 3";
            }
        }
    };
}
