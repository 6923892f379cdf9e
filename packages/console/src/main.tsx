import { render } from 'preact'
import { App } from './app.tsx'
import { applyTheme, storedTheme } from './shell/theme.ts'
import './styles/tokens.css'
import './styles/page.css'
import './styles/controls.css'

applyTheme(storedTheme())
render(<App />, document.getElementById('console')!)
