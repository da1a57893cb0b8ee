// Written by `holdfast init`, removed by `holdfast init --undo`.
// Tells Holdfast what happens in a session and the agent what Holdfast knows; silent without Holdfast.
import { spawn } from "node:child_process"
import { accessSync, constants } from "node:fs"

const HOOK = "LAUNCHER".replace("$HOME", process.env.HOME ?? "")
const EVENTS = new Set(["EVENTS"])
const MILLISECONDS = 5000
const MOST = 1 << 20

// Calls the hook; an answer that does not come, or is none, is silence.
function ask(event, told) {
  if (!EVENTS.has(event)) return Promise.resolve({})
  return new Promise((done) => {
    try {
      accessSync(HOOK, constants.X_OK)
      const child = spawn(HOOK, ["opencode", event], { stdio: ["pipe", "pipe", "ignore"] })
      const timer = setTimeout(() => child.kill("SIGKILL"), MILLISECONDS)
      let said = ""
      child.stdout.on("data", (part) => (said.length < MOST ? (said += part) : 0))
      child.stdin.on("error", () => {})
      child.on("error", () => (clearTimeout(timer), done({})))
      child.on("close", () => {
        clearTimeout(timer)
        try {
          done(JSON.parse(said) ?? {})
        } catch {
          done({})
        }
      })
      child.stdin.end(JSON.stringify(told))
    } catch {
      done({})
    }
  })
}

export const Holdfast = async ({ directory }) => {
  const sessions = new Map() // by id: what its model is told, and what runs now
  const calls = new Map() // by id: what a tool was called with
  const notes = new Map() // by id: what is told with a call's result
  let latest = ""

  const about = (id, more) => ({ session_id: id, cwd: directory, ...more })

  async function begin(id, source) {
    if (!id) return { texts: [] }
    latest = id
    if (!sessions.has(id)) {
      const session = { texts: [] }
      session.begun = ask("start", about(id, { source })).then(({ context }) => {
        if (context) session.texts.push(context)
      })
      sessions.set(id, session)
    }
    await sessions.get(id).begun
    return sessions.get(id)
  }

  async function end(id) {
    if (sessions.delete(id)) await ask("end", about(id))
  }

  return {
    event: async ({ event }) => {
      const { type, properties = {} } = event ?? {}
      const id = properties.sessionID ?? properties.info?.id
      if (type === "session.created" && !properties.info?.parentID) await begin(id, "startup")
      if (type === "session.compacted") await ask("compact", about(id, { trigger: "auto" }))
      if (type === "session.deleted") await end(id)
    },

    dispose: async () => {
      await Promise.all([...sessions.keys()].map(end))
    },

    "chat.message": async (input, output) => {
      const session = await begin(input.sessionID, "resume")
      const texts = (output.parts ?? []).filter((part) => part.type === "text" && !part.synthetic)
      const prompt = texts.map((part) => part.text).join("\n")
      const model = input.model?.modelID
      const { context } = await ask("prompt", about(input.sessionID, { prompt, model }))
      if (context) session.texts.push(context)
    },

    "experimental.chat.system.transform": async (input, output) => {
      const session = sessions.get(input?.sessionID ?? latest)
      for (const text of session?.texts ?? []) output.system.push(text)
    },

    "tool.execute.before": async (input, output) => {
      calls.set(input.callID, output.args)
      const { context, deny, rewrite } = await ask("call", about(input.sessionID, {
        tool_name: input.tool, tool_input: output.args, tool_use_id: input.callID,
      }))
      if (rewrite) Object.assign(output.args, rewrite)
      if (context) notes.set(input.callID, context)
      if (deny) throw new Error(deny)
    },

    "tool.execute.after": async (input, output) => {
      const exit = output.metadata?.exit
      const failed = typeof exit === "number" && exit !== 0
      const event = failed && EVENTS.has("failure") ? "failure" : "result"
      const { context: said } = await ask(event, about(input.sessionID, {
        tool_name: input.tool, tool_input: calls.get(input.callID) ?? input.args, tool_use_id: input.callID,
        tool_response: { output: output.output, ...(typeof exit === "number" ? { exit_code: exit } : {}) },
      }))
      const context = [notes.get(input.callID), said].filter(Boolean).join("\n")
      calls.delete(input.callID)
      notes.delete(input.callID)
      if (context) output.output = `${output.output ?? ""}\n\n<hook_context>${context}</hook_context>`
    },
  }
}
