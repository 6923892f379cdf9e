import { useRef, useState } from 'preact/hooks'
import { useLoaded } from '../../api/use-loaded.ts'
import { Button } from '../../controls/button.tsx'
import { ErrorNote } from '../../controls/error-note.tsx'
import { edgeAddress, usePlace } from '../../routing/location.ts'
import { useSession } from '../../session/session.ts'
import { AnswerView } from './answer-view.tsx'
import { ExpressionEditor } from './expression-editor.tsx'
import { PromptForm } from './prompt-form.tsx'
import { requestCode } from './request-code.ts'
import { RequestView } from './request-view.tsx'
import { type Message, type Settings, saidByRoute, settingsAreWrong, settingsFor, startSettings } from './settings.ts'
import { type Column, useAnswers } from './use-answers.ts'
import { type Asking, askingOf, MOST_VARIANTS, type Variant } from './variant.ts'
import './playground.css'

/** One to four compositions, asked the same side by side. `?model=` in the address is the first of them. */
const Playground = () => {
  const { weft } = useSession()
  const { query } = usePlace()
  const models = useLoaded(() => weft.models(), [weft])
  // A key may be told of none; then what stands in the form is what is asked.
  const routes = useLoaded(() => weft.routes.list(), [weft])
  const [settings, setSettings] = useState<Settings>(startSettings)
  const [variants, setVariants] = useState<readonly Variant[]>([{ id: 1, expression: query.get('model') ?? 'base' }])
  const asked = useAnswers(weft)
  const place = useRef<HTMLDivElement>(null)
  const known = models.value ?? []

  const change = (id: number, expression: string): void => {
    setVariants((before) => before.map((variant) => (variant.id === id ? { ...variant, expression } : variant)))
    asked.forgive(id)
  }
  // Never one again: what a variant answered that was removed is no other's.
  const lastId = useRef(1)
  const add = (): void => {
    lastId.current += 1
    const id = lastId.current
    setVariants((before) => [...before, { id, expression: before.at(-1)!.expression }])
  }
  const withAsking = variants.map((variant) => {
    const route = routes.value?.find(({ name }) => name === variant.expression.trim())
    return { ...variant, route, settings: settingsFor(settings, route), asking: askingOf(variant.expression, known, settings.mode) }
  })
  /** Of a chat, what was said so far: it is sent again with the next message. */
  const turnsFor = ({ id, asking }: { id: number; asking: Asking }): readonly Message[] => (asking === 'chat' ? turnsOf(asked.columnOf(id)) : [])
  const run = (): void => {
    asked.ask(withAsking.map((variant) => ({ ...variant, turns: turnsFor(variant) })))
    // On a narrow screen the answer stands below, out of sight.
    place.current?.querySelector('.answer')?.scrollIntoView({ block: 'nearest' })
  }
  const first = withAsking[0]!
  return (
    <>
      <h1 tabIndex={-1}>Playground</h1>
      {models.error !== undefined && <ErrorNote error={models.error} />}
      <div class="playground">
        <div class="stack">
          <PromptForm settings={settings} onChange={setSettings} onAsk={run} onStop={asked.stop} busy={asked.busy} />
          <div class="row">
            <Button onClick={add} disabled={variants.length >= MOST_VARIANTS}>
              Add a variant
            </Button>
            {settings.mode === 'chat' && <Button onClick={asked.clear}>Begin a new chat</Button>}
          </div>
          <RequestView
            code={settingsAreWrong(settings) ? undefined : requestCode(edgeAddress(), first.expression, first.asking, first.settings, turnsFor(first))}
          />
        </div>
        <div class="variants" ref={place}>
          {withAsking.map(({ id, expression, asking, route }, at) => {
            const said = route && saidByRoute(settings, route)
            const name = `Variant ${at + 1}`
            const column = asked.columnOf(id)
            return (
              <article key={id} class="panel variant" aria-label={name}>
                <ExpressionEditor name={name} expression={expression} onChange={(next) => change(id, next)} models={known} refusal={column.error} />
                {asking === 'classify' && <p class="hint">This is a classifier: it is asked for labels.</p>}
                {said && <p class="hint">A route: its own defaults count where no number was typed: {said}.</p>}
                <AnswerView
                  name={name}
                  answer={column.answer}
                  turns={column.sent === undefined ? [] : [...column.turns, { role: 'user', content: column.sent }]}
                  busy={column.busy}
                  cut={column.cut}
                />
                {variants.length > 1 && <Button onClick={() => setVariants(variants.filter((each) => each.id !== id))}>Remove {name.toLowerCase()}</Button>}
              </article>
            )
          })}
        </div>
      </div>
    </>
  )
}

/** The chat of a column so far, its last answer included. */
const turnsOf = ({ turns, answer, sent }: Column): readonly Message[] =>
  answer.text && sent !== undefined ? [...turns, { role: 'user', content: sent }, { role: 'assistant', content: answer.text }] : turns

export default Playground
