# Texts of the pages, English. Both files hold the same keys with the same placeholders; a test compares them.
# A placeholder is shown set apart from the sentence. Keep sentences short and plain: people read them in a hurry.

## Every page

address-check = Check the address bar. It must show

app-unnamed = An app without a name

user-unnamed = Your account

destination-website = Your browser then goes to { $place }

destination-device = Your browser then goes to a program on this device, at { $place }

destination-app = Your browser then opens the app on this device that answers to { $place }

go-to = Go to { $place }

## Sign-in

sign-in-title = Sign in

sign-in-continue-to = to continue to { $client }

reauth-title = Is it still you?

reauth-app-asks = { $client } asks you to enter your password again.

reauth-sensitive = { $client } asks for sensitive access. Enter your password again before you decide.

reauth-signed-in-as = Signed in as

username = User name

password = Password

sign-in = Sign in

continue = Continue

problem-wrong-credentials = User name or password is not right. Check both and try again.

problem-slow-down = { $seconds ->
    [one] Too many tries. Wait one second, then try again.
   *[other] Too many tries. Wait { $seconds } seconds, then try again.
  }

problem-busy = We are very busy at the moment. Nothing is wrong with your password; try again in a little while.

problem-expired = This page was open for too long. Enter your password once more.

## Consent

consent-heading = { $client } asks for access

consent-host-prefix = from

consent-account = Your account

consent-switch = Not you? Switch account

consent-scopes = What it may do

consent-scopes-hint = Untick what you do not want to allow.

consent-resources = Where

consent-claims = What it learns about you

consent-duration = For how long

consent-destination = What happens next

consent-open = What we could not check

consent-about = What we know about this app

consent-nothing-checked = Nothing about this app was checked.

mark-checked = Checked:

scope-sensitive = Sensitive

scope-required = Always needed

scope-granted = Allowed before

remember-choice = We will remember your choice for this app.

remember-nothing = We will ask you again next time.

allow = Allow

deny = Deny

access-away = { $total ->
    [one] Also while you are away, for one day at most.
   *[other] Also while you are away, for { $total } days at most.
  }

access-away-idle = { $idle ->
    [one] It ends earlier if the app does not use it for a day.
   *[other] It ends earlier if the app does not use it for { $idle } days.
  }

access-present = { $minutes ->
    [one] Once, for one minute. Then the app has to ask again.
   *[other] Once, for { $minutes } minutes. Then the app has to ask again.
  }

link-website = Website

link-policy = Privacy policy

link-terms = Terms of use

new-tab = opens in a new tab

fact-operator-registered = The operator of this server added the app and its name.

fact-proves-itself-with-key = The app proves who it is with a private key.

fact-proves-itself-with-secret = The app proves who it is with a secret.

fact-exact-https-address = The answer goes to one fixed, encrypted address.

fact-registered-itself = The app added itself. Nobody has checked its name.

fact-cannot-prove-itself = The app has no secret of its own. Another app could pose as it.

fact-any-program-on-device = The answer goes to a program on this device. Any other program here could take its place. Go on only if you started this yourself.

fact-any-app-with-scheme = The answer goes to an app on this device. Another app here could take its place. Go on only if you started this yourself.

fact-unencrypted-address = The answer travels without encryption. Others on the network can read it.

scope-openid = Know that it is you

scope-openid-more = A number that stands for your account.

scope-profile = See your profile

scope-profile-more = Your name, picture and other details you filled in.

scope-email = See your e-mail address

scope-email-more = And whether it was confirmed.

scope-address = See your postal address

scope-address-more = As you filled it in.

scope-phone = See your phone number

scope-phone-more = And whether it was confirmed.

scope-offline-access = Keep access while you are away

scope-offline-access-more = The app can act without you being there, until the access ends.

claim-name = Name

claim-given-name = First name

claim-family-name = Last name

claim-nickname = Nickname

claim-preferred-username = User name

claim-picture = Picture

claim-email = E-mail address

claim-email-verified = Whether the e-mail address was confirmed

claim-birthdate = Date of birth

claim-gender = Gender

claim-locale = Language

claim-zoneinfo = Time zone

claim-phone-number = Phone number

claim-phone-number-verified = Whether the phone number was confirmed

claim-address = Postal address

## Form post

form-post-title = One moment

form-post-lead = We are handing your answer to the app.

form-post-manual = If nothing happens, press the button.

## Errors

error-developers = For developers

error-code = Error

error-rule = Rule

error-parameter = Parameter

error-section = Specification

error-request-id = Request

return-title = The app made a mistake

return-lead = { $client } sent a request that we cannot accept. You have not signed in and nothing was shared. You can go back and tell the app.

error-unknown-client = We do not know this app

error-unknown-client-more = A link led you here that names an app this server does not know. We shared nothing and will not send you on. If you trust the app, tell its makers.

error-unknown-redirect = This app sent a wrong address

error-unknown-redirect-more = The address the answer should go to does not belong to the app. That may be a mistake or an attack, so we stop here. Nothing was shared.

error-malformed = We cannot read this request

error-malformed-more = The link that led you here is damaged or was put together wrongly. Go back to the app and start again.

error-request-gone = This request is over

error-request-gone-more = It was answered already, or it waited for too long. Go back to the app and start again.

error-embedded-browser = Please go on in your browser

error-embedded-browser-more = An app has opened this page inside itself. There it could read what you type, so you cannot sign in here. Open your browser and start there, or update the app. You have typed nothing yet that anybody could have read.

error-other-browser = This was started somewhere else

error-other-browser-more = The request belongs to another browser or another person. If somebody sent you the link, do not go on. Otherwise go back to the app and start again.

error-forged-form = Somebody may have tried to answer in your name

error-forged-form-more = A form reached us that did not come from our page in this browser. We threw it away and allowed nothing. If you pressed a button here yourself, go back to the app and start again.

error-framed = Open this page in a tab of its own

error-framed-more = Another site tried to show this page inside its own. So that nobody can guide your clicks, we only show it alone.

error-not-found = There is no such page

error-not-found-more = The address may be mistyped, or the page is gone.

error-server-fault = Something broke on our side

error-server-fault-more = It is not your fault, and nothing was shared. Try again in a little while. The request number below helps the operator find the cause.

error-too-busy = We are very busy at the moment

error-too-busy-more = Nothing was shared. Try again in a little while.

## Rules

rule-kicker = Rule of this server

rule-why = Why

rule-fix = How to fix it

## Home

home-title = Authorization server

home-lead = Apps send you here to sign in. You decide what they may do, and they never see your password.

home-people = Did not expect this page? An app or a link brought you here. You can simply close it.

home-issuer = Issuer

home-metadata = For developers
