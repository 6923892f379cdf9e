import type { ComponentChildren } from 'preact'

interface ButtonProps {
  children: ComponentChildren
  kind?: 'primary' | 'danger' | 'plain'
  type?: 'button' | 'submit'
  onClick?: () => void
  disabled?: boolean
  /**
   * Given where it sets something off. While that is under way it cannot be pressed again, and says so; and the second press of a double click does nothing,
   * for what was set off may be done by then, and once more is not what is meant.
   */
  busy?: boolean
  /** What it does, where its text alone does not say. */
  label?: string
}

export const Button = ({ children, kind = 'plain', type = 'button', onClick, disabled = false, busy, label }: ButtonProps) => {
  const press = (event: MouseEvent): void => {
    if (busy !== undefined && event.detail > 1) event.preventDefault()
    else onClick?.()
  }
  return (
    <button type={type} class={`button button-${kind}`} onClick={press} disabled={disabled || busy} aria-busy={busy} aria-label={label}>
      {children}
    </button>
  )
}
