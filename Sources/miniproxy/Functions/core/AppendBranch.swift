import SIPKit

extension FunctionBodies {
    /// `append_branch("sip:bob@host", "0.5")`: one more destination; without a URI a copy of the Request-URI.
    static let appendBranch = Body { arguments, context in
        let text = arguments.text(1)
        var q: Int16 = -1
        if !text.isEmpty {
            q = QValue(parsing: text.span, ByteRange(0, text.count))?.thousandths ?? -1
        }
        let uri = arguments.text(0)
        guard uri.isEmpty else {
            return context.appended.append(uri: uri, q: q) ? .yes : context.noRoomForBranch()
        }
        let destination = context.destinationURI
        guard context.appended.append(uri: context.requestURIBytes, destinationURI: destination, q: q) else {
            return context.noRoomForBranch()
        }
        // The copy takes its place: the Request-URI itself is not sent to a second time in a failure block.
        if context.block == .failure { context.isRequestURIUsed = true }
        return .yes
    }

    /// `clear_branches()`: only the Request-URI is left.
    static let clearBranches = Body { _, context in
        context.appended.clear()
        return .yes
    }

    /// `setdsturi("sip:host:port")`: where the request goes, whatever its Request-URI says.
    static let setDestinationURI = Body { arguments, context in
        context.setDestinationURI(arguments.text(0))
        return .yes
    }

    static let resetDestinationURI = Body { _, context in
        context.setDestinationURI([])
        return .yes
    }

    static let isDestinationURISet = Body { _, context in context.destinationURI.isEmpty ? .no : .yes }
}

extension RouteContext {
    fileprivate mutating func noRoomForBranch() -> FunctionResult {
        self.failure = .tooManyBranches
        return .no
    }
}
