// The rows. The doc of a row is the fix that the page of `error_uri` shows.
// `signal` names the security event; a row without one is an ordinary mistake.
rules! {
    // ------------------------------------------------------------------ any endpoint
    /// Send the parameter, with a value.
    ParameterMissing: invalid_request, on "", per "RFC 6749 section 4.1.2.1", says "is missing";
    /// Send each parameter once; resource alone may come more than once. Two values mean two readings.
    ParameterRepeated: invalid_request, on "", per "RFC 6749 section 3.1",
        defends [DuplicateParameters], signal RequestParameterDuplicated, says "is repeated";
    /// Give the parameter a value or leave it out; an empty one is refused where it decides about security.
    ParameterEmpty: invalid_request, on "", per "RFC 6749 section 3.1", defends [PkceDowngrade], says "is empty";
    /// Send well-formed UTF-8 without control characters, in the form that the section gives.
    ParameterMalformed: invalid_request, on "", per "RFC 6749 appendix A", defends [InjectionIntoStoresAndLogs],
        signal RequestValueHostile, says "is not well-formed";
    /// Send less: a parameter has at most 4096 bytes, claims and id_token_hint at most 8192.
    ParameterTooLong: invalid_request, on "", per "RFC 6749 section 3.1", defends [DosExpensiveInput],
        signal RequestTooLarge, says "is too long";
    /// Send fewer parameters and fewer bytes.
    RequestTooLarge: invalid_request, on "", per "RFC 9110 section 15.5.14", defends [DosExpensiveInput],
        signal RequestTooLarge, says "The request is too large";
    /// Send the parameters as application/x-www-form-urlencoded in the body of a POST.
    NotAForm: invalid_request, on "", per "RFC 6749 section 3.2",
        says "The body is not application/x-www-form-urlencoded in UTF-8";
    /// Use POST, with every parameter in the body. What stood in the URL may be in logs by now: roll it.
    CredentialInUrl: invalid_request, on "", per "RFC 6749 section 3.2", defends [TokenEndpointGet],
        signal CredentialInUrl, says "Parameters belong in the body of a POST, never in the URL";
    /// Wait and try again.
    Overloaded: temporarily_unavailable, on "", per "RFC 6749 section 4.1.2.1", defends [DosTokenExhaustion],
        says "The server is too busy";
    /// Wait as long as Retry-After says. Too many attempts failed from this address.
    Throttled: temporarily_unavailable, on "", per "RFC 6749 section 2.3.1", defends [ClientSecretGuessing],
        signal ClientAuthFailedBurst, says "Too many attempts failed; slow down";
    /// Fewer requests may wait for a person at once. Finish or drop those that are open.
    TooManyPending: temporarily_unavailable, on "", per "RFC 6749 section 4.1.2.1", defends [DosTokenExhaustion],
        signal TokenQuotaExceeded, says "Too many requests wait for sign-in";
    /// Nothing to fix on your side; the operator finds the request in the log by its id.
    ServerError: server_error, on "", per "RFC 6749 section 4.1.2.1", says "The server could not answer";

    // ------------------------------------------------------------------ authorization endpoint, before a redirect is known
    /// Register the client, or correct client_id. The server never redirects for a client that it does not know.
    ClientUnknown: invalid_request, on "client_id", per "RFC 6749 section 4.1.2.1",
        defends [AsOpenRedirector, MaliciousClientObtainsAuthorization],
        signal RedirectUriRejected, says "is not known here";
    /// The operator has disabled this client.
    ClientDisabled: invalid_request, on "client_id", per "RFC 6749 section 4.1.2.1",
        defends [LockedAccountTokenIssuance],
        signal DisabledSubjectUse, says "is not known here";
    /// Send redirect_uri exactly as registered, byte by byte. A native app may vary the port of http://127.0.0.1 and
    /// http://[::1], and nothing else.
    RedirectUriUnregistered: invalid_request, on "redirect_uri", per "RFC 9700 section 2.1",
        defends [RedirectUriPatternMatch, AsOpenRedirector, RedirectUriParserConfusion, OpenRedirectorOnClient],
        signal RedirectUriRejected, says "is not registered for this client";
    /// This client registered no redirect URI, so it cannot use the authorization endpoint.
    RedirectUriNone: invalid_request, on "redirect_uri", per "RFC 6749 section 3.1.2.3", says "has none registered";

    // ------------------------------------------------------------------ authorization endpoint
    /// Use response_type=code.
    ResponseTypeUnsupported: unsupported_response_type, on "response_type", per "RFC 9700 section 2.1.2",
        defends [ResponseModeSwitching, WrongGrantForClient], signal GrantNotAllowed, says "is not supported";
    /// Use response_mode=query or form_post. A code in a fragment would reach scripts.
    ResponseModeUnsupported: invalid_request, on "response_mode",
        per "OAuth 2.0 Multiple Response Type Encoding Practices section 2.1",
        defends [ResponseModeSwitching, PostmessageLeak], signal GrantNotAllowed, says "is not supported";
    /// Register the client with the grant type authorization_code.
    CodeGrantNotAllowed: unauthorized_client, on "client_id", per "RFC 6749 section 4.1.2.1",
        defends [WrongGrantForClient], signal GrantNotAllowed, says "may not use the authorization code grant";
    /// Send the parameters themselves; signed request objects are not supported.
    RequestObjectUnsupported: request_not_supported, on "request", per "OpenID Connect Core section 6",
        defends [RequestObjectBypass], signal RequestObjectRejected, says "is not supported";
    /// Send the parameters themselves; references to request objects are not supported.
    RequestUriUnsupported: request_uri_not_supported, on "request_uri", per "OpenID Connect Core section 6",
        defends [RequestObjectBypass], signal RequestObjectRejected, says "is not supported";
    /// Register the client beforehand; self-issued registration is not supported.
    RegistrationUnsupported: registration_not_supported, on "registration", per "OpenID Connect Core section 7.2.1",
        says "is not supported";
    /// Send code_challenge: 43 characters of base64url, SHA-256 of a fresh random code_verifier.
    PkceRequired: invalid_request, on "code_challenge", per "RFC 7636 section 4.4.1",
        defends [PkceDowngrade, CodeInjection], signal PkceDowngradeAttempt, says "is required";
    /// Send code_challenge_method=S256. Whoever sees a plain challenge holds the verifier.
    PkceMethodUnsupported: invalid_request, on "code_challenge_method", per "RFC 9700 section 2.1.1",
        defends [PkcePlainObserved, PkceDowngrade], signal PkceDowngradeAttempt, says "must be S256";
    /// An S256 challenge is exactly 43 characters of base64url without padding.
    PkceChallengeMalformed: invalid_request, on "code_challenge", per "RFC 7636 section 4.2",
        defends [PkceWeakOrReusedChallenge], signal PkceDowngradeAttempt, says "is not an S256 challenge";
    /// This client may leave out PKCE, so its ID token must carry a nonce instead: send one, and check it.
    NonceRequired: invalid_request, on "nonce", per "RFC 9700 section 2.1.1", defends [CodeInjection],
        signal PkceDowngradeAttempt, says "is required where PKCE is not used";
    /// Ask only for scopes of the metadata's scopes_supported.
    ScopeUnknown: invalid_scope, on "scope", per "RFC 6749 section 3.3", defends [TooMuchScopeGranted],
        signal ScopeNotAllowed, says "names a scope that does not exist here";
    /// Ask only for scopes that the client is registered for.
    ScopeNotAllowed: invalid_scope, on "scope", per "RFC 6749 section 3.3", defends [TooMuchScopeGranted],
        signal ScopeNotAllowed, says "names a scope that this client may not have";
    /// Name at least one scope.
    ScopeMissing: invalid_scope, on "scope", per "RFC 6749 section 3.3", says "is missing and has no default";
    /// A resource is an absolute https URI without a fragment, as registered with this server.
    ResourceUnknown: invalid_target, on "resource", per "RFC 8707 section 2",
        defends [ResourceIndicatorAbuse, AccessTokenPhishingCounterfeitRs], signal ScopeNotAllowed,
        says "is not a resource of this server";
    /// Register the client for the resource.
    ResourceNotAllowed: invalid_target, on "resource", per "RFC 8707 section 2", defends [ResourceIndicatorAbuse],
        signal ScopeNotAllowed, says "is not open to this client";
    /// Name, at the token endpoint, one resource of those that were granted: an access token is for one API.
    ResourceAmbiguous: invalid_target, on "resource", per "RFC 8707 section 2.2",
        defends [TokenAbuseAcrossResourceServers], says "must name one of the granted resources";
    /// Use values of none, login, consent and select_account; none stands alone.
    PromptMalformed: invalid_request, on "prompt", per "OpenID Connect Core section 3.1.2.1",
        says "is not a list of known values, or joins none with another";
    /// Send claims as the JSON object that the section describes, small and not deep.
    ClaimsMalformed: invalid_request, on "claims", per "OpenID Connect Core section 5.5",
        defends [DosExpensiveInput], says "is not a claims request";
    /// Send an ID token of this server for this client.
    IdTokenHintInvalid: invalid_request, on "id_token_hint", per "OpenID Connect Core section 3.1.2.1",
        defends [IdTokenAudienceConfusion], says "is not an ID token of this server for this client";
    /// Let the person sign in: ask again without prompt=none.
    LoginRequired: login_required, on "", per "OpenID Connect Core section 3.1.2.6",
        defends [AuthenticationStrengthBypass], says "The person must sign in";
    /// Let the person decide: ask again without prompt=none.
    ConsentRequired: consent_required, on "", per "OpenID Connect Core section 3.1.2.6",
        defends [ExistingAuthorizationByFraud, ConsentScopeCreep], signal SilentAuthorizationRefused,
        says "The person must allow this request";
    /// The way of signing in that acr asks for is not offered here, or the person cannot use it.
    AcrUnmet: unmet_authentication_requirements, on "claims",
        per "OpenID Connect Core Unmet Authentication Requirements section 2",
        defends [AuthenticationStrengthBypass], says "asks for an essential acr that cannot be reached";
    /// The person said no. Do not ask again at once.
    AccessDenied: access_denied, on "", per "RFC 6749 section 4.1.2.1", says "The person denied the request";

    // ------------------------------------------------------------------ pages
    /// Go back to the application and start again: a request waits some minutes only, and is finished once.
    RequestGone: invalid_request, on "request", per "RFC 6749 section 10.12", says "is unknown, finished or expired";
    /// Finish in the browser that began. If you did not begin this, close the page.
    OtherBrowser: access_denied, on "request", per "RFC 9700 section 4.7",
        defends [ConsentTransactionSwap, LoginSessionFixation, BrowserSwapping], signal ConsentSessionMismatch,
        says "was started in another browser";
    /// Open the page again and answer there, as the person who is signed in.
    FormForged: access_denied, on "csrf", per "RFC 6749 section 10.12",
        defends [ConsentForgery, ConsentTransactionSwap],
        signal ConsentForgery, says "does not belong to this page";
    /// Open the address in the system's browser, or have the app use the system's authentication session. What an app
    /// embeds, the app controls: it could read the password.
    EmbeddedBrowser: access_denied, on "", per "RFC 8252 section 8.12", defends [EmbeddedBrowserCredentialTheft],
        signal EmbeddedUserAgent, says "The page may not be opened inside an app";
    /// The page answers top-level visits only.
    PageFramed: access_denied, on "", per "RFC 9700 section 4.16", defends [Clickjacking], signal AuthorizationFramed,
        says "The page may not be shown inside another";

    // ------------------------------------------------------------------ client authentication
    /// Authenticate by the method that the client is registered for.
    ClientAuthMissing: invalid_client, on "", per "RFC 6749 section 3.2.1",
        defends [ClientAuthDowngrade, CodeClientMismatch], signal ClientAuthMethodViolation,
        says "The client must authenticate";
    /// Use one method: the Authorization header, the body, or an assertion.
    ClientAuthMultiple: invalid_request, on "", per "RFC 6749 section 2.3", defends [ClientAuthDowngrade],
        signal ClientAuthMethodViolation, says "The client authenticates in more than one way";
    /// Use the method that the client is registered for, and no other.
    ClientAuthMethodMismatch: invalid_client, on "", per "RFC 6749 section 2.3",
        defends [ClientAuthDowngrade, ObtainClientSecret],
        signal ClientAuthMethodViolation, says "The client is not registered for this way to authenticate";
    /// Check the secret. If it is lost, the operator rolls it.
    ClientSecretWrong: invalid_client, on "", per "RFC 6749 section 2.3.1", defends [ClientSecretGuessing],
        signal ClientAuthFailedBurst, says "The client could not be authenticated";
    /// Check client_id.
    ClientSecretUnknownClient: invalid_client, on "", per "RFC 6749 section 2.3.1", defends [ClientSecretGuessing],
        signal ClientAuthFailedBurst, says "The client could not be authenticated";
    /// The secret was rolled and its overlap is over. Use the new one.
    ClientSecretExpired: invalid_client, on "", per "RFC 6749 section 2.3.1", signal ClientAuthFailedBurst,
        says "The client could not be authenticated";
    /// The operator has disabled this client.
    ClientAuthDisabled: invalid_client, on "", per "RFC 6749 section 2.3.1", defends [LockedAccountTokenIssuance],
        signal DisabledSubjectUse, says "The client could not be authenticated";
    /// Encode client_id and secret as forms, join them with a colon, and encode that in base64.
    BasicMalformed: invalid_client, on "", per "RFC 6749 section 2.3.1",
        says "The Authorization header is not HTTP Basic of two form-encoded parts";
    /// Send client_assertion_type=urn:ietf:params:oauth:client-assertion-type:jwt-bearer with the assertion.
    AssertionType: invalid_client, on "client_assertion_type", per "RFC 7523 section 2.2", says "is not the JWT bearer type";
    /// Sign with a key of the client's registered jwks, with that key's algorithm, iss and sub the client_id, a jti, and
    /// an exp that is near.
    AssertionInvalid: invalid_client, on "client_assertion", per "RFC 7523 section 3",
        defends [ClientAssertionReplay, JwtAlgorithmSubstitution, JwtKeyInjection, JwtTypeConfusion, JwtClaimsUnchecked],
        signal ClientAssertionInvalid, says "is not valid";
    /// Sign with the algorithm of the registered key, and never with none.
    AssertionAlgorithm: invalid_client, on "client_assertion", per "RFC 8725 section 3.1",
        defends [JwtAlgorithmSubstitution, JwtWeakKeyOrSignature, JweAbuse],
        signal JwtAlgorithmRejected, says "is not valid";
    /// Leave jwk, jku, x5u, x5c and crit out of the header; the registered keys are used.
    AssertionKeyHeader: invalid_client, on "client_assertion", per "RFC 8725 section 3.10",
        defends [JwtKeyInjection], signal JwtKeyHeaderRejected, says "is not valid";
    /// Send a client assertion, not another kind of JWT.
    AssertionKind: invalid_client, on "client_assertion", per "RFC 8725 section 3.11",
        defends [JwtTypeConfusion], signal JwtTypeMismatch, says "is not valid";
    /// Check exp, nbf, iat, iss, sub and jti.
    AssertionClaims: invalid_client, on "client_assertion", per "RFC 7523 section 3",
        defends [JwtClaimsUnchecked], signal JwtClaimsRejected, says "is not valid";
    /// Use the issuer identifier as the one audience, as a string.
    AssertionAudience: invalid_client, on "client_assertion", per "RFC 7523 section 3",
        defends [AudienceInjectionClientAssertion], signal ClientAssertionInvalid,
        says "must have the issuer as its only audience";
    /// Make a new assertion, with a new jti, for each request.
    AssertionReplayed: invalid_client, on "client_assertion", per "RFC 7523 section 3",
        defends [ClientAssertionReplay],
        signal ClientAssertionReplayed, says "was used before";

    // ------------------------------------------------------------------ token endpoint
    /// Use authorization_code, refresh_token or client_credentials.
    GrantTypeUnsupported: unsupported_grant_type, on "grant_type", per "RFC 6749 section 5.2",
        defends [WrongGrantForClient], signal GrantNotAllowed, says "is not supported";
    /// Register the client for the grant type.
    GrantTypeNotAllowed: unauthorized_client, on "grant_type", per "RFC 6749 section 5.2",
        defends [WrongGrantForClient, ClientCredentialsAbuse],
        signal GrantNotAllowed, says "is not open to this client";
    /// Start again at the authorization endpoint. A code lives a minute and works once, for the client it was made for.
    CodeUnknown: invalid_grant, on "code", per "RFC 6749 section 5.2",
        defends [CodeOnlineGuessing, StatelessCodeForgery],
        signal CodeUnknownBurst, says "is not valid";
    /// Redeem within a minute.
    CodeExpired: invalid_grant, on "code", per "RFC 6749 section 5.2", defends [CodeEavesdroppingLeak],
        signal CodeExpiredUse, says "is not valid";
    /// Redeem with the client that the code was issued to.
    CodeForeign: invalid_grant, on "code", per "RFC 6749 section 5.2", defends [CodeClientMismatch, CodePhishing],
        signal CodeClientMismatch, says "is not valid";
    /// A second use. The grant has been ended.
    CodeReplayed: invalid_grant, on "code", per "RFC 6749 section 5.2", defends [CodeReplay], signal CodeReplayed,
        says "is not valid";
    /// Another request redeemed the code at the same moment.
    CodeLostRace: invalid_grant, on "code", per "RFC 6749 section 5.2",
        defends [CodeExchangeRace], signal CodeReplayed,
        says "is not valid";
    /// An earlier attempt with a wrong proof has burned the code.
    CodeBurned: invalid_grant, on "code", per "RFC 6749 section 5.2", defends [CodeInjection], signal CodeReplayed,
        says "is not valid";
    /// The grant behind the code was ended.
    CodeGrantEnded: invalid_grant, on "code", per "RFC 6749 section 5.2", defends [RevocationIncomplete],
        signal RevokedTokenUse, says "is not valid";
    /// Send the redirect_uri of the authorization request, byte by byte.
    CodeRedirectMismatch: invalid_grant, on "redirect_uri", per "RFC 6749 section 4.1.3",
        defends [CodeLeakCounterfeitClient], signal CodeRedirectMismatch,
        says "is not the one of the authorization request";
    /// The verifier does not hash to the challenge: the code came from another run of the flow.
    PkceMismatch: invalid_grant, on "code_verifier", per "RFC 7636 section 4.6",
        defends [CodeInjection, UserSessionImpersonation, CsrfOnRedirectUri, CrossAppRequestForgery, CustomSchemeHijack],
        signal PkceMismatch, says "does not match the code_challenge of this authorization";
    /// Send the code_verifier whose challenge the authorization request carried.
    PkceVerifierMissing: invalid_grant, on "code_verifier", per "RFC 7636 section 4.6",
        defends [PkceDowngrade, UrlExfiltrationByProxyConfig],
        signal PkceDowngradeAttempt, says "is missing, and the authorization had a code_challenge";
    /// Send code_challenge with the authorization request; a verifier alone proves nothing.
    PkceVerifierUnexpected: invalid_grant, on "code_verifier", per "RFC 9700 section 2.1.1", defends [PkceDowngrade],
        signal PkceDowngradeAttempt, says "was sent, but the authorization had no code_challenge";
    /// Ask the person again. A refresh token ends when it is unused for long, revoked, or used twice.
    RefreshUnknown: invalid_grant, on "refresh_token", per "RFC 6749 section 5.2", defends [RefreshOnlineGuessing],
        signal RefreshUnknownBurst, says "is not valid";
    /// Ask the person again; the token was not used for too long.
    RefreshExpired: invalid_grant, on "refresh_token", per "RFC 6749 section 5.2", defends [RefreshTokenReplay],
        says "is not valid";
    /// Use the token with the client that it was issued to.
    RefreshForeign: invalid_grant, on "refresh_token", per "RFC 6749 section 5.2",
        defends [ObtainRefreshTokenFromClient, RefreshEavesdropping],
        signal RefreshClientMismatch, says "is not valid";
    /// A superseded token came back. The grant has been ended.
    RefreshReplayed: invalid_grant, on "refresh_token", per "RFC 9700 section 4.14.2",
        defends [RefreshTokenReplay, StolenOrClonedDevice, RefreshPhishingCounterfeitAs, BrowserScriptTokenTheft],
        signal RefreshTokenReplayed, says "is not valid";
    /// Another request rotated the token at the same moment; use what that one got.
    RefreshLostRace: invalid_grant, on "refresh_token", per "RFC 9700 section 4.14.2", defends [RefreshRotationRace],
        says "is not valid";
    /// The grant behind the token was ended.
    RefreshGrantEnded: invalid_grant, on "refresh_token", per "RFC 6749 section 5.2", defends [RevocationIncomplete],
        signal RevokedTokenUse, says "is not valid";
    /// The person's account or the client is locked. Ask the operator.
    OwnerLocked: invalid_grant, on "", per "RFC 6749 section 5.2", defends [LockedAccountTokenIssuance],
        signal DisabledSubjectUse, says "The authorization is no longer valid";
    /// Ask for no more than was granted; for more, ask the person.
    RefreshScopeEscalation: invalid_scope, on "scope", per "RFC 6749 section 6", defends [RefreshScopeEscalation],
        signal RefreshScopeEscalation, says "goes beyond what was granted";
    /// Ask for a resource that was granted; for another, ask the person.
    RefreshResourceEscalation: invalid_target, on "resource", per "RFC 8707 section 2.2",
        defends [RefreshScopeEscalation, ResourceIndicatorAbuse], signal RefreshScopeEscalation,
        says "was not granted";
    /// A client acts for itself here: leave out the scopes that speak of a person.
    ScopeOfAPerson: invalid_scope, on "scope", per "RFC 6749 section 4.4",
        defends [ClientImpersonatingResourceOwner], signal ScopeNotAllowed, says "names a scope that needs a person";

    // ------------------------------------------------------------------ introspection, revocation, userinfo
    /// The operator must allow the client to introspect.
    IntrospectionNotAllowed: access_denied, on "", per "RFC 7662 section 2.1", defends [IntrospectionAbuse],
        signal IntrospectionRefused, says "The client may not introspect";
    /// Send the access token once: in the Authorization header, or in the body of a form.
    BearerMultiple: invalid_request, on "access_token", per "RFC 6750 section 2", defends [TokenLeakLogsReferrer],
        says "is sent in more than one way";
    /// Send the access token in the Authorization header. It stood in the URL, so it may be in logs by now: revoke it.
    BearerInUrl: invalid_request, on "access_token", per "RFC 9700 section 4.3.2", defends [TokenLeakLogsReferrer],
        signal TokenInQuery, says "must not stand in the URL";
    /// Send an access token.
    BearerMissing: invalid_token, on "", per "RFC 6750 section 3", says "An access token is needed";
    /// Get a new access token.
    TokenUnknown: invalid_token, on "", per "RFC 6750 section 3.1", defends [AccessTokenGuessing],
        signal TokenUnknownBurst, says "The access token is not valid";
    /// The signature's algorithm is not the key's.
    TokenAlgorithm: invalid_token, on "", per "RFC 8725 section 3.1", defends [JwtAlgorithmSubstitution, JweAbuse],
        signal JwtAlgorithmRejected, says "The access token is not valid";
    /// The token brings its own key.
    TokenKeyHeader: invalid_token, on "", per "RFC 8725 section 3.10", defends [JwtKeyInjection],
        signal JwtKeyHeaderRejected, says "The access token is not valid";
    /// Another kind of JWT is not an access token.
    TokenKind: invalid_token, on "", per "RFC 8725 section 3.11", defends [JwtTypeConfusion],
        signal JwtTypeMismatch, says "The access token is not valid";
    /// A claim is missing or wrong.
    TokenClaims: invalid_token, on "", per "RFC 9068 section 4", defends [JwtClaimsUnchecked],
        signal JwtClaimsRejected, says "The access token is not valid";
    /// Get a new access token; this one is over.
    TokenExpired: invalid_token, on "", per "RFC 6750 section 3.1", defends [ObtainAccessTokenFromClient],
        signal TokenExpiredUseBurst, says "The access token is not valid";
    /// The token or its grant was ended.
    TokenRevoked: invalid_token, on "", per "RFC 6750 section 3.1", defends [RevocationIncomplete],
        signal RevokedTokenUse, says "The access token is not valid";
    /// The person's account or the client is locked. Ask the operator.
    TokenLocked: invalid_token, on "", per "RFC 6750 section 3.1", defends [LockedAccountTokenIssuance],
        signal DisabledSubjectUse, says "The access token is not valid";
    /// Get a token for this server: leave out resource, or name the issuer.
    TokenAudience: invalid_token, on "", per "RFC 8707 section 2", defends [TokenAbuseAcrossResourceServers],
        signal TokenAudienceMismatch, says "The access token is for another resource";
    /// Ask for the scope openid.
    OpenidScopeNeeded: insufficient_scope, on "scope", per "OpenID Connect Core section 5.3",
        defends [ResourceScopeNotEnforced], signal InsufficientScopeBurst, says "must hold openid";
}
