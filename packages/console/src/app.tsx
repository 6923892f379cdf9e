import { useState } from 'preact/hooks'
import { forgetKey, keepKey, keptKey, Session, SessionContext } from './session/session.ts'
import { SignIn } from './session/sign-in.tsx'
import { Shell } from './shell/shell.tsx'

/** Signed in: the pages. Signed out: the form that asks for a key. */
export const App = () => {
  const [session, setSession] = useState(() => open(keptKey()))
  const [refused, setRefused] = useState<string>()

  /** The edge no longer takes the key, as when it expired or was deleted. */
  function onRefused(message: string): void {
    forgetKey()
    setRefused(message)
    setSession(undefined)
  }

  function open(key: string | undefined): Session | undefined {
    return key === undefined ? undefined : new Session(key, onRefused)
  }

  const signIn = (key: string): void => {
    keepKey(key)
    setRefused(undefined)
    setSession(open(key))
  }
  const signOut = (): void => {
    forgetKey()
    setRefused(undefined)
    setSession(undefined)
  }
  if (!session) return <SignIn refused={refused} onKey={signIn} />
  return (
    <SessionContext.Provider value={session}>
      <Shell onSignOut={signOut} />
    </SessionContext.Provider>
  )
}
