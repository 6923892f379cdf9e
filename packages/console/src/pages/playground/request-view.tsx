import { useState } from 'preact/hooks'
import { Button } from '../../controls/button.tsx'
import { Tabs } from '../../controls/tabs.tsx'
import type { RequestCode } from './request-code.ts'

const tabs = [
  { id: 'curl', title: 'curl' },
  { id: 'python', title: 'Python' },
  { id: 'typescript', title: 'TypeScript' },
]

/** The request of the first variant, to be taken elsewhere. */
export const RequestView = ({ code }: { code: RequestCode }) => {
  const [chosen, setChosen] = useState<keyof RequestCode>('curl')
  const [copied, setCopied] = useState('')
  const copy = (): void => {
    navigator.clipboard.writeText(code[chosen]).then(
      () => setCopied('Copied.'),
      () => setCopied('The browser does not let this page copy. Mark the text, and copy it.'),
    )
  }
  return (
    <section class="panel" aria-labelledby="request-title">
      <h2 id="request-title">The request</h2>
      <p class="hint">Of variant 1. The key is read from WEFT_API_KEY.</p>
      <Tabs
        label="Language"
        tabs={tabs}
        chosen={chosen}
        onChoose={(id) => {
          setChosen(id as keyof RequestCode)
          setCopied('')
        }}
      >
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, which a keyboard must be able to do */}
        <pre tabIndex={0}>{code[chosen]}</pre>
      </Tabs>
      <div class="row">
        <Button onClick={copy}>Copy</Button>
        <span role="status">{copied}</span>
      </div>
    </section>
  )
}
