import type { WeftClient } from '@weft/client'
import { useEffect, useRef, useState } from 'preact/hooks'
import { type Answer, answers, emptyAnswer } from './answer.ts'
import type { Message, Settings } from './settings.ts'
import type { Asking, Variant } from './variant.ts'

/** What stands in one variant's column. */
export interface Column {
  answer: Answer
  /** Of a chat, what was said before what stands in `sent`. */
  turns: readonly Message[]
  /** Of a chat, the message that is answered. */
  sent: string | undefined
  error: unknown
  busy: boolean
  /** How it ended before all of its answer was there; undefined where that came, and where nothing was asked. */
  cut?: 'stopped' | 'failed' | undefined
}

const emptyColumn: Column = { answer: emptyAnswer, turns: [], sent: undefined, error: undefined, busy: false }

/** The answers of all variants, side by side; asking again, or leaving the page, stops what is under way. */
export const useAnswers = (weft: WeftClient) => {
  const [columns, setColumns] = useState<ReadonlyMap<number, Column>>(new Map())
  const running = useRef<AbortController | undefined>(undefined)
  useEffect(() => () => running.current?.abort(), [])

  const change = (id: number, more: Partial<Column>): void => setColumns((before) => new Map(before).set(id, { ...(before.get(id) ?? emptyColumn), ...more }))

  const askOne = async (variant: Variant, asking: Asking, settings: Settings, turns: readonly Message[], controller: AbortController): Promise<void> => {
    const { signal } = controller
    /** What is under way no longer, since all was begun anew, says nothing more. */
    const tell = (more: Partial<Column>): void => {
      if (running.current === controller) change(variant.id, more)
    }
    tell({ answer: emptyAnswer, turns, sent: asking === 'chat' ? settings.prompt : undefined, error: undefined, busy: true, cut: undefined })
    try {
      let answer = emptyAnswer
      for await (answer of answers({ weft, model: variant.expression, asking, settings, turns, signal })) tell({ answer })
    } catch (error) {
      tell(signal.aborted ? { cut: 'stopped' } : { error, cut: 'failed' })
    } finally {
      tell({ busy: false })
    }
  }

  return {
    columnOf: (id: number): Column => columns.get(id) ?? emptyColumn,
    busy: [...columns.values()].some(({ busy }) => busy),
    /** Each with the chat so far, where it chats. */
    ask(variants: readonly (Variant & { asking: Asking; turns: readonly Message[]; settings: Settings })[]): void {
      running.current?.abort()
      const controller = new AbortController()
      running.current = controller
      for (const variant of variants) void askOne(variant, variant.asking, variant.settings, variant.turns, controller)
    },
    stop: (): void => running.current?.abort(),
    /** Takes the error away, as when its expression is changed. */
    forgive: (id: number): void => change(id, { error: undefined }),
    /** Begins anew: what is under way is stopped, and what comes of it goes nowhere. */
    clear(): void {
      running.current?.abort()
      running.current = undefined
      setColumns(new Map())
    },
  }
}
