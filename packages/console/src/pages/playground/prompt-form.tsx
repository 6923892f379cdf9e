import { Button } from '../../controls/button.tsx'
import { Checkbox } from '../../controls/checkbox.tsx'
import { NumberField } from '../../controls/number-field.tsx'
import { Select } from '../../controls/select.tsx'
import { TextField } from '../../controls/text-field.tsx'
import { changed, type Settings, settingBounds, settingsAreWrong } from './settings.ts'

interface PromptFormProps {
  settings: Settings
  onChange: (settings: Settings) => void
  onAsk: () => void
  onStop: () => void
  busy: boolean
}

const modes = [
  { value: 'completion', label: 'Completion' },
  { value: 'chat', label: 'Chat' },
]

/** What all variants are asked, and how tokens are drawn. */
export const PromptForm = ({ settings, onChange, onAsk, onStop, busy }: PromptFormProps) => {
  const set =
    <K extends keyof Settings>(field: K) =>
    (value: Settings[K]) =>
      onChange(changed(settings, field, value))
  const wrong = settingsAreWrong(settings)
  const chat = settings.mode === 'chat'
  return (
    <form
      class="stack"
      onSubmit={(event) => {
        event.preventDefault()
        if (!busy && !wrong) onAsk()
      }}
    >
      <div class="row">
        <Select label="Mode" value={settings.mode} options={modes} onChange={(mode) => set('mode')(mode as Settings['mode'])} compact />
      </div>
      {chat && <TextField label="System message" value={settings.system} onInput={set('system')} />}
      <TextField
        label={chat ? 'Message' : 'Prompt, or the text to classify'}
        value={settings.prompt}
        onInput={set('prompt')}
        rows={4}
        hint="A classifier answers with labels, whatever the mode."
      />
      <div class="numbers">
        <NumberField label="Most tokens" value={settings.maxTokens} onInput={set('maxTokens')} bounds={settingBounds.maxTokens} />
        <NumberField label="Temperature" value={settings.temperature} onInput={set('temperature')} bounds={settingBounds.temperature} placeholder="1" />
        <NumberField label="Top p" value={settings.topP} onInput={set('topP')} bounds={settingBounds.topP} placeholder="1" />
        <NumberField label="Seed" value={settings.seed} onInput={set('seed')} bounds={settingBounds.seed} placeholder="any" />
      </div>
      <Checkbox label="Token log-probabilities" checked={settings.logprobs} onChange={set('logprobs')} />
      <div class="row">
        <Button type="submit" kind="primary" disabled={busy || wrong}>
          {chat ? 'Send' : 'Run'}
        </Button>
        <Button onClick={onStop} disabled={!busy}>
          Stop
        </Button>
        {wrong && <p role="status">Nothing is asked yet: a number above is wrong.</p>}
      </div>
    </form>
  )
}
