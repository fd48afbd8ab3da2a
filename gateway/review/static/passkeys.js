// Asks the browser for a passkey and sends its answer with the form. Without it the page works with codes alone.
for (const button of document.querySelectorAll("[data-passkey]")) {
  const form = button.form;
  const field = form.querySelector("[name=passkey]");
  const fault = form.querySelector("[data-passkey-fault]");
  const known = window.PublicKeyCredential;
  if (!known?.parseRequestOptionsFromJSON || !known.parseCreationOptionsFromJSON) continue;
  button.hidden = false;
  button.addEventListener("click", async (event) => {
    event.preventDefault();
    const code = form.elements.code;
    if (code) code.required = false;
    if (!form.reportValidity()) {
      if (code) code.required = true;
      return;
    }
    const asked = JSON.parse(field.dataset.asked);
    try {
      const answer =
        button.dataset.passkey === "create"
          ? await navigator.credentials.create({ publicKey: known.parseCreationOptionsFromJSON(asked) })
          : await navigator.credentials.get({ publicKey: known.parseRequestOptionsFromJSON(asked) });
      field.value = JSON.stringify(answer.toJSON());
      form.submit();
    } catch {
      if (code) code.required = true;
      fault.textContent = "The browser gave no passkey. Try again, or use a code.";
      fault.hidden = false;
    }
  });
}
