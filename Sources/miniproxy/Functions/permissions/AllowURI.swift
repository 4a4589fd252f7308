import SIPKit

extension FunctionBodies {
    /// `allow_uri("base", "sip:bob@example.org")`: whether the files with this name let From call that URI.
    static let allowURI = Body { arguments, context throws(ParseError) in
        let persistence = context.shared.persistence
        let names = PermissionFiles.names(base: arguments.text(0), persistence.settings.trusted)
        let from = try RouteContext.plain(context.memory.span.copy(context.from.uri))
        let target = try RouteContext.plain(arguments.text(1))
        return persistence.permissionFiles.allows(from, target, by: names) ? .yes : .no
    }
}
