import SIPKit

extension FunctionBodies {
    /// `record_route_preset("192.0.2.13:5060;nat=yes")`: a Record-Route with this host, port and parameters; the user
    /// of the Request-URI is always in it (FUNCTIONS.md §3).
    static let recordRoutePreset = Body { arguments, context in
        guard !context.isRecordRouted, context.index.isRequest else { return .no }
        // What stands in it is the operator's: it is not doubled.
        context.recordRouteMark = .none
        context.isRecordRouted = true
        let settings = context.shared.settings
        let preset = arguments.text(0)
        let (tag, memory, uri) = (context.from.tag, context.memory, context.index.requestURI)
        let user = (try? URIRanges(parsing: memory.span, uri))?.user ?? .none
        context.recordRouteLine = context.edits.mark
        let parameters = context.recordRouteParameters
        context.insertAtTop { line in
            line.append("Record-Route: <sip:" as StaticString)
            if !user.isEmpty {
                line.append(memory.span, user)
                line.append(ASCII.at)
            }
            line += preset
            if settings.appendFromTag, !tag.isEmpty {
                line.append(";ftag=" as StaticString)
                line.append(memory.span, tag)
            }
            line.append(settings.enableFullLooseRouting ? ";lr=on" as StaticString : ";lr")
            line += parameters
            line.append(">\r\n")
        }
        return .yes
    }
}
