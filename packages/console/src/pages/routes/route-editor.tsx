import { fromWire, toWire } from '@weft/adapters'
import { type PutRoute, putRouteSchema, type RouteObject } from '@weft/protocol'
import { useState } from 'preact/hooks'
import { Button } from '../../controls/button.tsx'
import { ErrorNote } from '../../controls/error-note.tsx'
import { TextField } from '../../controls/text-field.tsx'
import { useAction } from '../../controls/use-action.ts'
import { useSession } from '../../session/session.ts'

const example = { variants: [{ name: 'main', composition: 'base', weight: 1 }], defaults: { temperature: 0.7 } }

/** A route as its request body: a new one, or the next version of one. */
export const RouteEditor = ({ route, onSaved }: { route?: RouteObject; onSaved: () => void }) => {
  const { weft } = useSession()
  const [name, setName] = useState(route?.name ?? '')
  const [text, setText] = useState(() => JSON.stringify(route ? bodyOf(route) : example, null, 2))
  const { busy, error, run } = useAction()
  const save = (event: Event): Promise<boolean> => {
    event.preventDefault()
    return run(async () => {
      const there = (await weft.routes.list()).find((known) => known.name === name.trim())
      if (!route && there)
        throw new Error(`There is a route ${name.trim()} already, and this would take its place. Choose another name, or open that one and change it there.`)
      if (route && there?.version !== route.version)
        throw new Error(
          `${route.name} was ${there ? `changed meanwhile: version ${there.version} is served` : 'deleted meanwhile'}, and this was begun from ${route.version === 0 ? "the deployment's config" : `version ${route.version}`}. Keep your text, load the page again, and make the change there.`,
        )
      // It may be changed between the look and this, too.
      await weft.routes.put(name.trim(), fromWire(putRouteSchema, JSON.parse(text)) as PutRoute, { expected: route?.version ?? null })
      onSaved()
    })
  }
  return (
    <form class="panel stack" onSubmit={save} aria-label={route ? 'Change' : 'New route'}>
      <h2>{route ? 'Change' : 'New route'}</h2>
      {!route && <TextField label="Name" value={name} onInput={setName} placeholder="support" />}
      <TextField
        label="Definition"
        value={text}
        onInput={setText}
        rows={12}
        code
        hint="JSON, as PUT /v1/routes takes it: composition or variants, shadow, defaults, policy, twin, sticky_header."
      />
      {error !== undefined && <ErrorNote error={error} />}
      <div class="row">
        <Button type="submit" kind="primary" busy={busy} disabled={!name.trim()}>
          {route ? 'Save as the next version' : 'Make the route'}
        </Button>
      </div>
    </form>
  )
}

/** What a request would say to make this route again. */
const bodyOf = ({ composition, variants, shadow, description, defaults, policy, twin, stickyHeader }: RouteObject): unknown =>
  toWire(putRouteSchema, { ...(variants ? { variants } : { composition }), shadow, description, defaults, policy, twin, stickyHeader })
