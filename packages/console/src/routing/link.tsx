import type { ComponentChildren } from 'preact'
import { navigate } from './location.ts'

interface LinkProps {
  to: string
  children: ComponentChildren
  current?: boolean
  class?: string
}

/** A link within the console. With a modifier key the browser does what it always does. */
export const Link = ({ to, children, current = false, class: name }: LinkProps) => (
  <a
    href={to}
    class={name}
    aria-current={current ? 'page' : undefined}
    onClick={(event) => {
      if (event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return
      event.preventDefault()
      navigate(to)
    }}
  >
    {children}
  </a>
)
