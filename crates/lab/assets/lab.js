// Lets a scene fill in while it is played. Without this script the form of the page works as well.
const form = document.getElementById('play')
const still = matchMedia('(prefers-reduced-motion: reduce)').matches

// The picture follows the newest arrow until the person looks elsewhere.
let following = true
for (const kind of ['wheel', 'touchmove', 'keydown']) addEventListener(kind, () => { following = false }, { passive: true })

function look(element, block) {
  if (following) element?.scrollIntoView({ block })
}

function piece(html) {
  // The server's own HTML, in which every value is escaped.
  const template = document.createElement('template')
  template.innerHTML = html
  return template.content
}

async function play(defence) {
  const answer = await fetch(form.action, {
    method: 'POST',
    headers: { accept: 'text/x-panel' },
    body: new URLSearchParams({ defence, pace: still ? '' : 'slow' }),
  })
  if (!answer.ok) throw new Error(`the lab answered ${answer.status}`)
  document.getElementById(`run-${defence}`).replaceWith(piece(await answer.text()))
  const panel = document.getElementById(`run-${defence}`)
  panel.setAttribute('aria-busy', 'true')
  look(panel, 'start')
  form.elements[defence].value = panel.dataset.run
  const marks = panel.querySelector('.marks')
  if (!panel.querySelector('.ending')) await follow(panel, marks)
  panel.removeAttribute('aria-busy')
  look(panel, 'start')
}

function follow(panel, marks) {
  return new Promise((resolve, reject) => {
    const events = new EventSource(`/runs/${panel.dataset.run}/events`)
    events.addEventListener('mark', (event) => {
      marks.append(piece(event.data))
      look(marks.lastElementChild, 'nearest')
    })
    events.addEventListener('end', (event) => {
      events.close()
      panel.querySelector('.outcome').replaceChildren(piece(event.data))
      resolve()
    })
    events.addEventListener('error', () => {
      events.close()
      reject(new Error('the lab does not answer any more'))
    })
  })
}

form.addEventListener('submit', async (event) => {
  event.preventDefault()
  following = true
  const wanted = event.submitter?.value ?? 'both'
  const buttons = [...form.querySelectorAll('button')]
  buttons.forEach((button) => { button.disabled = true })
  try {
    for (const defence of wanted === 'both' ? ['off', 'on'] : [wanted]) await play(defence)
    const runs = new URLSearchParams({ off: form.elements.off.value, on: form.elements.on.value })
    history.replaceState(null, '', `?${runs}`)
  } catch (error) {
    const panel = document.querySelector('[aria-busy] .outcome') ?? document.querySelector('.outcome')
    panel.textContent = error.message
  }
  buttons.forEach((button) => { button.disabled = false })
})
