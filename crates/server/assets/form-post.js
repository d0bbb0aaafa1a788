// Submits the one form of the form_post page. Fixed text: nothing of a request is part of it. The prototype's method is called
// because a field of the form could be named "submit".
HTMLFormElement.prototype.submit.call(document.getElementById("form-post"));
