import { useState } from 'preact/hooks'

/**
 * What a field shows of a value that is read from text: what was typed, for as long as that stands for the value, and else the value as it is spelled. So
 * "0." and "0.10" stay as they are typed, and a value that is changed elsewhere is shown.
 */
export function useTypedText<T>(
  value: T,
  { read, spell, same = Object.is }: { read: (text: string) => T; spell: (value: T) => string; same?: (a: T, b: T) => boolean },
): [shown: string, type: (text: string) => T] {
  const [typed, setTyped] = useState('')
  const shown = same(read(typed), value) ? typed : spell(value)
  const type = (text: string): T => {
    setTyped(text)
    return read(text)
  }
  return [shown, type]
}
