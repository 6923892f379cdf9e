import type { ComponentChildren } from 'preact'
import { useEffect, useId, useRef } from 'preact/hooks'

interface DialogProps {
  title: string
  onClose: () => void
  /** Whether what it was opened from goes away with it: the focus then goes to the heading of that part of the page. */
  isDone?: () => boolean
  children: ComponentChildren
}

/** A question over the page. The browser keeps the focus in it, Escape closes it, and the focus goes back where it was. */
export const Dialog = ({ title, onClose, isDone = () => false, children }: DialogProps) => {
  const dialog = useRef<HTMLDialogElement>(null)
  const id = useId()
  useEffect(() => {
    const before = document.activeElement as HTMLElement | null
    const heading = headingAround(before)
    dialog.current?.showModal()
    return () => (isDone() ? focusHeading(heading) : before?.focus())
  }, [])
  return (
    <dialog ref={dialog} aria-labelledby={id} onClose={onClose}>
      <h2 id={id}>{title}</h2>
      {children}
    </dialog>
  )
}

/** Of the smallest part of the page around an element that has one; questions have headings of their own. */
const headingAround = (element: Element | null): HTMLElement | null =>
  element && (element.querySelector<HTMLElement>('h1:not(dialog *), h2:not(dialog *)') ?? headingAround(element.parentElement))

/** A person stands where they stood: the page is not scrolled. */
const focusHeading = (heading: HTMLElement | null): void => {
  if (!heading) return
  heading.tabIndex = -1
  heading.focus({ preventScroll: true })
}
