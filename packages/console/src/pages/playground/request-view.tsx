import { useState } from 'preact/hooks'
import { Button } from '../../controls/button.tsx'
import { Tabs } from '../../controls/tabs.tsx'
import type { RequestCode } from './request-code.ts'

const tabs = [
  { id: 'curl', title: 'curl' },
  { id: 'python', title: 'Python' },
  { id: 'typescript', title: 'TypeScript' },
]

/** The request of the first variant, to be taken elsewhere; undefined where its numbers make none. */
export const RequestView = ({ code }: { code: RequestCode | undefined }) => {
  const [chosen, setChosen] = useState<keyof RequestCode>('curl')
  const [copied, setCopied] = useState('')
  const text = code?.[chosen]
  const copy = (): void => {
    navigator.clipboard.writeText(text!).then(
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
        {text === undefined && <p>There is none yet: a number above is wrong.</p>}
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, which a keyboard must be able to do */}
        {text !== undefined && <pre tabIndex={0}>{text}</pre>}
      </Tabs>
      <div class="row">
        <Button onClick={copy} disabled={text === undefined}>
          Copy
        </Button>
        <span role="status">{copied}</span>
      </div>
    </section>
  )
}
