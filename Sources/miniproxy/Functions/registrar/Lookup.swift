import SIPKit

extension FunctionBodies {
    /// `lookup("location")`: turns the Request-URI into where its user is (FUNCTIONS.md §5).
    static let lookup = Body { arguments, context in
        // A URI without a user is nobody's; no fault to write a log line about.
        guard let key = try? context.addressOfRecord() else { return .value(-1) }
        let table = context.table(arguments)
        let now = context.wallTime
        let settings = context.shared.settings.registrar
        var found = false
        var known = false
        // The context is changed while the record is looked at, so nothing of the record is copied twice.
        withUnsafeMutablePointer(to: &context) { context in
            _ = table.withRecord(key) { record in
                known = true
                for place in record.bindings.indices where !record.bindings[place].isExpired(at: now) {
                    if settings.natFlag >= 0, record.bindings[place].flags & (1 << UInt32(settings.natFlag)) != 0 {
                        context.pointee.flags |= 1 << UInt32(settings.natFlag)
                    }
                    if !found {
                        found = true
                        context.pointee.setRequestURI(record.bindings[place].uri)
                        if !record.bindings[place].received.isEmpty {
                            context.pointee.setDestinationURI(record.bindings[place].received)
                        }
                        if !settings.appendBranches { return }
                        continue
                    }
                    let binding = record.bindings[place]
                    if !context.pointee.appended.append(
                        uri: binding.uri, destinationURI: binding.received, q: binding.q, flags: binding.flags)
                    {
                        return
                    }
                }
            }
        }
        return found ? .yes : .value(known ? -5 : -3)
    }

    /// `registered("location")`: whether the Request-URI's user has a binding; nothing changes.
    static let registered = Body { arguments, context throws(ParseError) in
        let key = try context.addressOfRecord()
        let now = context.wallTime
        let isThere = context.table(arguments).withRecord(key) { record in
            record.bindings.contains { !$0.isExpired(at: now) }
        }
        return isThere == true ? .yes : .no
    }
}
