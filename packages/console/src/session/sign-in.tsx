import { isWeftError } from '@weft/adapters'
import { useRef, useState } from 'preact/hooks'
import { Button } from '../controls/button.tsx'
import { ErrorNote } from '../controls/error-note.tsx'
import { TextField } from '../controls/text-field.tsx'
import { useAction } from '../controls/use-action.ts'
import { ThemeSwitch } from '../shell/theme-switch.tsx'
import { keyUnknown, Session } from './session.ts'

/** Asks for an API key, and tries it before it is kept. */
export const SignIn = ({ refused, onKey }: { refused: string | undefined; onKey: (key: string) => void }) => {
  const [key, setKey] = useState('')
  const { busy, error, run } = useAction()
  const form = useRef<HTMLFormElement>(null)

  const submit = async (event: Event): Promise<void> => {
    event.preventDefault()
    const signedIn = await run(async () => {
      const given = key.trim()
      if (!given) throw new Error('Type or paste an API key.')
      // Every role may ask for the list of models.
      await new Session(given).weft.models().catch((failure: unknown) => {
        // What no header takes, such as a letter that is not seen, is no key either.
        throw isWeftError(failure) && (failure.code === 'invalid_api_key' || failure.param === 'authorization') ? new Error(keyUnknown) : failure
      })
      onKey(given)
    })
    if (!signedIn) form.current?.querySelector('input')?.focus()
  }

  return (
    <main class="sign-in">
      <h1>Weft</h1>
      <p>Sign in with an API key. It stays in this tab and goes to this server alone.</p>
      {refused && !error && <ErrorNote error={new Error(refused)} />}
      <form ref={form} onSubmit={submit} class="stack">
        <TextField
          label="API key"
          type="password"
          value={key}
          onInput={setKey}
          autoComplete="off"
          hint="A local start prints its key, and keeps it in .weft/key."
        />
        {error !== undefined && <ErrorNote error={error} />}
        <Button type="submit" kind="primary" busy={busy}>
          Sign in
        </Button>
      </form>
      <ThemeSwitch />
    </main>
  )
}
