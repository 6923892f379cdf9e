import { render } from 'preact'
import { App } from './app.tsx'
import { applyTheme, storedTheme } from './shell/theme.ts'
import './styles/tokens.css'
import './styles/page.css'
import './styles/controls.css'

// The page names its icon as seen from the address that it was loaded at, and a browser looks again whenever that changes.
for (const icon of document.querySelectorAll<HTMLLinkElement>('link[rel="icon"]')) icon.href = new URL(icon.href).href
applyTheme(storedTheme())
render(<App />, document.getElementById('console')!)
