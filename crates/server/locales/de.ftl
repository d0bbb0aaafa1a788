# Texte der Seiten, Deutsch. Beide Dateien haben dieselben Schlüssel mit denselben Platzhaltern; ein Test vergleicht sie.
# Ein Platzhalter wird vom Satz abgesetzt gezeigt. Kurze, einfache Sätze: Man liest sie in Eile.

## Jede Seite

address-check = Prüfen Sie die Adresszeile. Dort muss stehen

app-unnamed = Eine App ohne Namen

user-unnamed = Ihr Konto

destination-website = Danach geht Ihr Browser zu { $place }

destination-device = Danach geht Ihr Browser zu einem Programm auf diesem Gerät, unter { $place }

destination-app = Danach öffnet Ihr Browser die App auf diesem Gerät, die auf { $place } hört

go-to = Zu { $place }

## Anmelden

sign-in-title = Anmelden

sign-in-continue-to = um fortzufahren mit { $client }

reauth-title = Sind Sie es noch?

reauth-app-asks = { $client } bittet Sie, Ihr Passwort noch einmal einzugeben.

reauth-sensitive = { $client } bittet um heikle Rechte. Geben Sie Ihr Passwort noch einmal ein, bevor Sie entscheiden.

reauth-signed-in-as = Angemeldet als

username = Benutzername

password = Passwort

sign-in = Anmelden

continue = Weiter

problem-wrong-credentials = Benutzername oder Passwort stimmt nicht. Prüfen Sie beides und versuchen Sie es noch einmal.

problem-slow-down = { $seconds ->
    [one] Zu viele Versuche. Warten Sie eine Sekunde und versuchen Sie es dann noch einmal.
   *[other] Zu viele Versuche. Warten Sie { $seconds } Sekunden und versuchen Sie es dann noch einmal.
  }

problem-busy = Gerade ist sehr viel los. Mit Ihrem Passwort ist alles in Ordnung; versuchen Sie es gleich noch einmal.

problem-expired = Diese Seite war zu lange offen. Geben Sie Ihr Passwort noch einmal ein.

## Zustimmung

consent-heading = { $client } bittet um Zugriff

consent-host-prefix = von

consent-account = Ihr Konto

consent-switch = Nicht Sie? Konto wechseln

consent-scopes = Was die App tun darf

consent-scopes-hint = Nehmen Sie den Haken weg, wo Sie etwas nicht erlauben wollen.

consent-resources = Wo

consent-claims = Was die App über Sie erfährt

consent-duration = Wie lange

consent-destination = Wie es weitergeht

consent-open = Was wir nicht prüfen konnten

consent-about = Was wir über diese App wissen

consent-nothing-checked = Nichts an dieser App wurde geprüft.

mark-checked = Geprüft:

scope-sensitive = Heikel

scope-required = Immer nötig

scope-granted = Schon erlaubt

remember-choice = Wir merken uns Ihre Wahl für diese App.

remember-nothing = Wir fragen Sie beim nächsten Mal wieder.

allow = Erlauben

deny = Ablehnen

access-away = { $total ->
    [one] Auch wenn Sie nicht da sind, höchstens einen Tag lang.
   *[other] Auch wenn Sie nicht da sind, höchstens { $total } Tage lang.
  }

access-away-idle = { $idle ->
    [one] Früher zu Ende, wenn die App den Zugriff einen Tag lang nicht nutzt.
   *[other] Früher zu Ende, wenn die App den Zugriff { $idle } Tage lang nicht nutzt.
  }

access-present = { $minutes ->
    [one] Einmal, für eine Minute. Danach muss die App wieder fragen.
   *[other] Einmal, für { $minutes } Minuten. Danach muss die App wieder fragen.
  }

link-website = Website

link-policy = Datenschutz

link-terms = Nutzungsbedingungen

new-tab = öffnet einen neuen Tab

fact-operator-registered = Der Betreiber dieses Servers hat die App und ihren Namen eingetragen.

fact-proves-itself-with-key = Die App weist sich mit einem privaten Schlüssel aus.

fact-proves-itself-with-secret = Die App weist sich mit einem Geheimnis aus.

fact-exact-https-address = Die Antwort geht an eine feste, verschlüsselte Adresse.

fact-registered-itself = Die App hat sich selbst eingetragen. Niemand hat ihren Namen geprüft.

fact-cannot-prove-itself = Die App hat kein eigenes Geheimnis. Eine andere App könnte sich für sie ausgeben.

fact-any-program-on-device = Die Antwort geht an ein Programm auf diesem Gerät. Jedes andere Programm hier könnte sich an seine Stelle setzen. Fahren Sie nur fort, wenn Sie selbst damit angefangen haben.

fact-any-app-with-scheme = Die Antwort geht an eine App auf diesem Gerät. Eine andere App hier könnte sich an ihre Stelle setzen. Fahren Sie nur fort, wenn Sie selbst damit angefangen haben.

fact-unencrypted-address = Die Antwort reist unverschlüsselt. Andere im Netz können sie lesen.

scope-openid = Wissen, dass Sie es sind

scope-openid-more = Eine Nummer, die für Ihr Konto steht.

scope-profile = Ihr Profil sehen

scope-profile-more = Ihr Name, Ihr Bild und andere Angaben, die Sie gemacht haben.

scope-email = Ihre E-Mail-Adresse sehen

scope-email-more = Und ob sie bestätigt ist.

scope-address = Ihre Postanschrift sehen

scope-address-more = So wie Sie sie angegeben haben.

scope-phone = Ihre Telefonnummer sehen

scope-phone-more = Und ob sie bestätigt ist.

scope-offline-access = Zugriff behalten, wenn Sie nicht da sind

scope-offline-access-more = Die App kann ohne Ihr Zutun handeln, bis der Zugriff endet.

claim-name = Name

claim-given-name = Vorname

claim-family-name = Nachname

claim-nickname = Spitzname

claim-preferred-username = Benutzername

claim-picture = Bild

claim-email = E-Mail-Adresse

claim-email-verified = Ob die E-Mail-Adresse bestätigt ist

claim-birthdate = Geburtsdatum

claim-gender = Geschlecht

claim-locale = Sprache

claim-zoneinfo = Zeitzone

claim-phone-number = Telefonnummer

claim-phone-number-verified = Ob die Telefonnummer bestätigt ist

claim-address = Postanschrift

## Übergabe

form-post-title = Einen Moment

form-post-lead = Wir übergeben der App Ihre Antwort.

form-post-manual = Wenn nichts geschieht, drücken Sie den Knopf.

## Fehler

error-developers = Für Entwickler

error-code = Fehler

error-rule = Regel

error-parameter = Parameter

error-section = Spezifikation

error-request-id = Anfrage

return-title = Die App hat einen Fehler gemacht

return-lead = { $client } hat eine Anfrage geschickt, die wir nicht annehmen können. Sie haben sich nicht angemeldet, und nichts wurde weitergegeben. Sie können zurückgehen und es der App mitteilen.

error-unknown-client = Wir kennen diese App nicht

error-unknown-client-more = Ein Link hat Sie hergeführt, der eine App nennt, die dieser Server nicht kennt. Wir haben nichts weitergegeben und schicken Sie nicht weiter. Wenn Sie der App vertrauen, sagen Sie es ihren Machern.

error-unknown-redirect = Die App hat eine falsche Adresse geschickt

error-unknown-redirect-more = Die Adresse, an die die Antwort gehen soll, gehört nicht zur App. Das kann ein Versehen sein oder ein Angriff, deshalb ist hier Schluss. Nichts wurde weitergegeben.

error-malformed = Wir können diese Anfrage nicht lesen

error-malformed-more = Der Link, der Sie hergeführt hat, ist beschädigt oder falsch gebaut. Gehen Sie zurück zur App und fangen Sie noch einmal an.

error-request-gone = Diese Anfrage ist vorbei

error-request-gone-more = Sie ist schon beantwortet oder hat zu lange gewartet. Gehen Sie zurück zur App und fangen Sie noch einmal an.

error-embedded-browser = Bitte machen Sie in Ihrem Browser weiter

error-embedded-browser-more = Eine App hat diese Seite in sich selbst geöffnet. Dort könnte sie mitlesen, was Sie eingeben; deshalb können Sie sich hier nicht anmelden. Öffnen Sie Ihren Browser und fangen Sie dort an, oder aktualisieren Sie die App. Bisher haben Sie nichts eingegeben, was jemand hätte mitlesen können.

error-other-browser = Das hat woanders angefangen

error-other-browser-more = Die Anfrage gehört zu einem anderen Browser oder einem anderen Menschen. Wenn Ihnen jemand den Link geschickt hat, machen Sie nicht weiter. Sonst gehen Sie zurück zur App und fangen noch einmal an.

error-forged-form = Vielleicht wollte jemand in Ihrem Namen antworten

error-forged-form-more = Uns hat ein Formular erreicht, das nicht von unserer Seite in diesem Browser kam. Wir haben es verworfen und nichts erlaubt. Wenn Sie hier selbst einen Knopf gedrückt haben, gehen Sie zurück zur App und fangen Sie noch einmal an.

error-framed = Öffnen Sie diese Seite in einem eigenen Tab

error-framed-more = Eine andere Website wollte diese Seite in ihrer eigenen zeigen. Damit niemand Ihre Klicks lenken kann, zeigen wir sie nur allein.

error-not-found = Diese Seite gibt es nicht

error-not-found-more = Vielleicht ist die Adresse vertippt, oder die Seite ist weg.

error-server-fault = Bei uns ist etwas kaputtgegangen

error-server-fault-more = Es liegt nicht an Ihnen, und nichts wurde weitergegeben. Versuchen Sie es gleich noch einmal. Mit der Nummer der Anfrage unten findet der Betreiber die Ursache.

error-too-busy = Gerade ist sehr viel los

error-too-busy-more = Nichts wurde weitergegeben. Versuchen Sie es gleich noch einmal.

## Regeln

rule-kicker = Regel dieses Servers

rule-why = Warum

rule-fix = Was zu tun ist

## Start

home-title = Autorisierungsserver

home-lead = Apps schicken Sie hierher, damit Sie sich anmelden. Sie entscheiden, was sie dürfen, und Ihr Passwort sehen sie nie.

home-people = Diese Seite nicht erwartet? Eine App oder ein Link hat Sie hergebracht. Sie können sie einfach schließen.

home-issuer = Aussteller

home-metadata = Für Entwickler
