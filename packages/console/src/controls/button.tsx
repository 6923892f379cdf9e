import type { ComponentChildren } from 'preact'

interface ButtonProps {
  children: ComponentChildren
  kind?: 'primary' | 'danger' | 'plain'
  type?: 'button' | 'submit'
  onClick?: () => void
  disabled?: boolean
  /** Under way: it cannot be pressed again, and says so. */
  busy?: boolean
  /** What it does, where its text alone does not say. */
  label?: string
}

export const Button = ({ children, kind = 'plain', type = 'button', onClick, disabled = false, busy = false, label }: ButtonProps) => (
  <button type={type} class={`button button-${kind}`} onClick={onClick} disabled={disabled || busy} aria-busy={busy} aria-label={label}>
    {children}
  </button>
)
