import SIPKit

extension FunctionBodies {
    /// `loose_route()`: follows the Route headers (RFC 3261 §16.4 and §16.12, FUNCTIONS.md §3).
    static let looseRoute = Body { _, context throws(ParseError) in
        guard let first = context.index.firstSlot(.route) else { return .no }
        let bytes = context.memory.span
        var cursor = ByteCursor(bytes, context.index.slots[first].value)
        let top = try AddressRanges(parsing: &cursor)
        let topURI = try URIRanges(parsing: bytes, top.uri)
        let isPreloaded = context.to.tag.isEmpty

        // A strict router before us put our own Record-Route URI into the Request-URI.
        if !isPreloaded, !context.isRewritten, let target = context.requestURIParts(),
            target.isLooseRouting(in: bytes), context.shared.selves.contains(bytes, target)
        {
            return try context.followStrictRouter()
        }
        guard context.shared.selves.contains(bytes, topURI) else {
            context.setDestinationURI(bytes.copy(top.uri))
            return .yes
        }
        var next = RouteStep(slot: first, address: top, after: cursor.offset)
        context.removeRouteStep(next)
        guard var following = try context.routeStep(after: next) else { return isPreloaded ? .no : .yes }
        // Two lines of ours, for two sockets: both go.
        if topURI.parameter("r2", in: bytes) != nil, let uri = try? URIRanges(parsing: bytes, following.address.uri),
            context.shared.selves.contains(bytes, uri)
        {
            context.removeRouteStep(following)
            next = following
            // The second names the socket that the next hop knows (RFC 5658 §4).
            context.contactSocket = SendSocket(bytes, uri)
            guard let third = try context.routeStep(after: next) else { return isPreloaded ? .no : .yes }
            following = third
        }
        let uri = try URIRanges(parsing: bytes, following.address.uri)
        if uri.isLooseRouting(in: bytes) {
            context.setDestinationURI(bytes.copy(following.address.uri))
        } else {
            // A strict router comes next: it wants itself in the Request-URI and the target at the end of the route.
            let target = context.requestURIBytes
            context.removeRouteStep(following)
            context.setRequestURI(bytes.copy(following.address.uri))
            context.appendLine { line in
                line.append("Route: <")
                line += target
                line.append(">\r\n")
            }
        }
        return .yes
    }
}

/// One value of the route set: in which line, and up to where that line has been read.
struct RouteStep {
    var slot: Int
    var address: AddressRanges
    var after: Int
}

extension RouteContext {
    /// The route behind `step`, in the same line or the next.
    mutating func routeStep(after step: RouteStep) throws(ParseError) -> RouteStep? {
        let bytes = self.memory.span
        var slot = step.slot
        var cursor = ByteCursor(bytes, ByteRange(step.after, self.index.slots[slot].value.end))
        if cursor.isAtEnd {
            guard let next = self.index.nextSlot(after: slot) else { return nil }
            slot = next
            cursor = ByteCursor(bytes, self.index.slots[slot].value)
        }
        let address = try AddressRanges(parsing: &cursor)
        return RouteStep(slot: slot, address: address, after: cursor.offset)
    }

    /// Takes one value out of its line, or the whole line with its last value.
    mutating func removeRouteStep(_ step: RouteStep) {
        let value = self.index.slots[step.slot].value
        if step.after >= value.end {
            // The last of its line: what stood before it was taken out before.
            let line = self.index.lineRange(step.slot)
            self.edits.remove(
                step.address.whole.start <= value.start
                    ? line : ByteRange(step.address.whole.start, step.address.whole.end))
            if step.address.whole.start > value.start {
                self.edits.remove(ByteRange(line.start, step.address.whole.start))
            }
            if step.address.whole.start > value.start { self.edits.remove(ByteRange(step.address.whole.end, line.end)) }
        } else {
            // With the blanks behind the comma.
            var end = step.after
            let bytes = self.memory.span
            while end < value.end, ASCII.isLWS(bytes[end]) { end += 1 }
            self.edits.remove(ByteRange(step.address.whole.start, end))
        }
    }

    /// The last Route becomes the Request-URI; what is then on top decides where to go.
    mutating func followStrictRouter() throws(ParseError) -> FunctionResult {
        let bytes = self.memory.span
        guard let first = self.index.firstSlot(.route) else { return .no }
        var cursor = ByteCursor(bytes, self.index.slots[first].value)
        let top = try AddressRanges(parsing: &cursor)
        var last = RouteStep(slot: first, address: top, after: cursor.offset)
        var count = 1
        while let next = try self.routeStep(after: last) {
            last = next
            count += 1
        }
        self.setRequestURI(bytes.copy(last.address.uri))
        let value = self.index.slots[last.slot].value
        if last.address.whole.start <= value.start {
            self.edits.remove(self.index.lineRange(last.slot))
        } else {
            // The comma before it goes too.
            var comma = last.address.whole.start
            while comma > value.start, bytes[comma] != ASCII.comma { comma -= 1 }
            self.edits.remove(ByteRange(comma, value.end))
        }
        if count > 1 { self.setDestinationURI(bytes.copy(top.uri)) }
        return .yes
    }
}
