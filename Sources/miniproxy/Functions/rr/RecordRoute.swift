import SIPKit

extension FunctionBodies {
    /// `record_route()`: stays in the path of the dialog (RFC 3261 §16.6 step 4, FUNCTIONS.md §3).
    static let recordRoute = Body { arguments, context in
        guard !context.isRecordRouted else { return .no }
        context.isRecordRouted = true
        if arguments.count > 0 { context.recordRouteParameters += arguments.text(0) }
        let destination = context.destination
        let transport = context.peer.transport
        // One by one: a copy of all settings would count references for each message.
        let appendsTag = context.shared.settings.appendFromTag
        let isFull = context.shared.settings.enableFullLooseRouting
        let tag = context.from.tag
        let memory = context.memory
        let advertised = context.isAdvertising ? context.advertised(destination) : nil
        let uri = context.index.requestURI
        let user: ByteRange =
            context.shared.settings.addUserName ? (try? URIRanges(parsing: memory.span, uri))?.user ?? .none : .none
        context.recordRouteMark = context.edits.mark
        context.recordRouteLine = context.edits.mark
        let parameters = context.recordRouteParameters
        context.insertAtTop { line in
            line.append("Record-Route: <sip:")
            if !user.isEmpty {
                line.append(memory.span, user)
                line.append(ASCII.at)
            }
            if let advertised { line += advertised.host } else { line.append(host: destination.ip) }
            let port = advertised?.port ?? destination.port
            if port != 5060 {
                line.append(ASCII.colon)
                line.append(decimal: UInt64(port))
            }
            if transport != .udp {
                line.append(";transport=")
                line.append(transport.parameterName)
            }
            if appendsTag, !tag.isEmpty {
                line.append(";ftag=")
                line.append(memory.span, tag)
            }
            line.append(isFull ? ";lr=on" as StaticString : ";lr")
            line += parameters
            line.append(">\r\n")
        }
        return .yes
    }
}
