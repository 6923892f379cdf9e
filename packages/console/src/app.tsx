import { useState } from 'preact/hooks'
import { forgetKey, keepKey, keptKey, Session, SessionContext } from './session/session.ts'
import { SignIn } from './session/sign-in.tsx'
import { Shell } from './shell/shell.tsx'

/** Signed in: the pages. Signed out: the form that asks for a key. */
export const App = () => {
  const [session, setSession] = useState(() => open(keptKey()))
  const [refused, setRefused] = useState<string>()

  function open(key: string | undefined): Session | undefined {
    if (key === undefined) return undefined
    return new Session(key, (message) => {
      // The edge no longer takes the key, as when it expired or was deleted. What was asked with another one, and is answered late, is not about this one.
      if (keptKey() !== key) return
      forgetKey()
      setRefused(message)
      setSession(undefined)
    })
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
