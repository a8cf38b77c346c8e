/** Lets the visitor inject a fault into the next upload, if the server runs a local Kodo that supports it. */
export function offerFaults(uploader, text) {
  const fieldset = document.querySelector('#faults');
  const hint = document.querySelector('#fault-hint');
  const chosen = () => fieldset.querySelector(':checked').value;

  const showHint = () => {
    const name = chosen();
    hint.textContent = name === 'none' ? '' : text(`hint_${name}`);
  };

  const setFault = async (fault) => {
    const response = await fetch('/api/showcase/fault', {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ fault }),
    });
    if (!response.ok) throw new Error(`Could not set the fault (${response.status}).`);
  };

  const choose = async () => {
    try {
      await setFault(chosen());
      showHint();
    } catch (error) {
      console.error(error);
      hint.textContent = text('faultFailed');
    }
  };

  fieldset.addEventListener('change', () => void choose());
  // A fault applies to one upload only.
  uploader.addEventListener('uploads-complete', () => {
    if (chosen() === 'none') return;
    fieldset.querySelector('[value="none"]').checked = true;
    void choose();
  });

  const offer = async () => {
    const response = await fetch('/api/showcase');
    const { faults = [] } = response.ok ? await response.json() : {};
    fieldset.hidden = faults.length === 0;
  };
  void offer();
  return { updateTexts: showHint };
}
