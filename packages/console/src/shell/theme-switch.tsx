import { useState } from 'preact/hooks'
import { Select } from '../controls/select.tsx'
import { applyTheme, storedTheme, storeTheme, type Theme } from './theme.ts'

const options = [
  { value: 'auto', label: 'As the system' },
  { value: 'light', label: 'Light' },
  { value: 'dark', label: 'Dark' },
]

export const ThemeSwitch = () => {
  const [theme, setTheme] = useState<Theme>(storedTheme)
  const choose = (value: string): void => {
    const chosen = value as Theme
    setTheme(chosen)
    storeTheme(chosen)
    applyTheme(chosen)
  }
  return <Select label="Colours" value={theme} options={options} onChange={choose} compact />
}
