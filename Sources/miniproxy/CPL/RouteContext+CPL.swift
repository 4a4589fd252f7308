import SIPKit

/// What a user's script wants done with the message in work: the same in the request block that calls it and later, when
/// the branches have ended.
extension RouteContext {
    /// Carries steps out until one has to wait.
    ///
    /// - Returns: `.yes` where the script leaves the call to others, `.no` where it has failed, `.stop` where it has
    ///   taken the call, `.ask` with a question; the answer goes to ``found(_:of:)``.
    mutating func carryOut(_ first: CPLRun.Step, of process: CPLProcess) -> FunctionResult {
        var step = first
        while true {
            self.writeNotes(of: process)
            self.callProcess = nil
            switch step {
            case .takesDefault: return .yes
            case .lookUp(.registration) where !self.shared.settings.store.cpl.lookupTable.isEmpty:
                let table = self.shared.location.named(self.shared.settings.store.cpl.lookupTable)
                if self.shared.persistence.isDatabaseOnly, let rows = self.shared.persistence.rows(of: table) {
                    self.callProcess = process
                    self.question = .rows(rows.load(process.registrations))
                    return .ask
                }
                step = process.run.found(self.registrations(of: process, in: table))
            // Other places to ask are none that we know.
            case .lookUp: step = process.run.found(nil)
            case .proxy(let targets, let timeout):
                process.timeout = timeout
                if let timeout, let name = self.shared.settings.store.cpl.timerAttribute {
                    _ = self.attributes.remove(name)
                    _ = self.attributes.add(name, .number(timeout))
                }
                self.callProcess = process
                self.address(to: targets, of: process)
                return .stop
            case .redirect(let targets, let isPermanent):
                var headers: [UInt8] = []
                headers.append("Contact: " as StaticString)
                for (place, target) in targets.enumerated() {
                    if place > 0 { headers.append(", " as StaticString) }
                    headers.append(ASCII.less)
                    headers += target.uri
                    headers.append(ASCII.greater)
                    if target.priority < 1000 {
                        headers.append(";q=0." as StaticString)
                        let digits = String(target.priority)
                        headers += Array(repeating: UInt8(ascii: "0"), count: 3 - digits.utf8.count) + digits.utf8
                    }
                }
                headers.append("\r\n" as StaticString)
                self.reply(
                    isPermanent ? 301 : 302, isPermanent ? "Moved Permanently" : "Moved Temporarily", headers: headers,
                    stateful: process.isStateful)
                return .stop
            case .reject(let status, let reason):
                self.reply(status, reason: reason ?? CPLReject.phrase(status), stateful: process.isStateful)
                return .stop
            case .passesAnswer:
                // In a request block nobody was asked, so there is no answer but this.
                if self.block == .failure { return .yes }
                self.reply(480, "Temporarily Unavailable", stateful: process.isStateful)
                return .stop
            case .failed(let reason):
                self.log(-1, Array("cpl: the script of \(process.name): \(reason)".utf8))
                return .no
            }
        }
    }

    /// Goes on with the rows of the contact table.
    mutating func found(_ answer: Answer, of process: CPLProcess) -> FunctionResult {
        let table = self.shared.location.named(self.shared.settings.store.cpl.lookupTable)
        guard case .rows(let rows) = answer else { return self.carryOut(process.run.found(nil), of: process) }
        self.load(rows, of: process.registrations, into: table)
        return self.carryOut(process.run.found(self.registrations(of: process, in: table)), of: process)
    }

    private func registrations(of process: CPLProcess, in table: LocationTable) -> [CPLRun.Target] {
        let now = self.wallTime
        var bindings =
            table.withRecord(process.registrations) { record in record.bindings.filter { !$0.isExpired(at: now) } }
            ?? []
        if !self.shared.settings.store.cpl.findsAllContacts { bindings = Array(bindings.prefix(1)) }
        let usesPath = self.shared.settings.registrar.usesPath
        return bindings.map { binding in
            process.contacts[binding.uri] = (
                binding.received, usesPath ? binding.path : [], binding.flags, binding.socket
            )
            return CPLRun.Target(uri: binding.uri, priority: binding.q < 0 ? 1000 : Int(binding.q))
        }
    }

    /// Makes branches of the targets and wants them sent to.
    private mutating func address(to targets: [[UInt8]], of process: CPLProcess) {
        let natFlag = self.shared.settings.store.cpl.natFlag
        let registered = self.shared.settings.registrar.natFlag
        self.appended.clear()
        for (place, uri) in targets.enumerated() {
            let contact = process.contacts[uri]
            if let contact, natFlag >= 0, registered >= 0, contact.flags & (1 << UInt32(registered)) != 0 {
                self.flags |= 1 << UInt32(natFlag)
            }
            let path = contact?.path ?? []
            let next = path.isEmpty ? contact?.received ?? [] : Self.firstHop(of: path)
            if place == 0 {
                self.setRequestURI(uri)
                self.path = path
                self.setDestinationURI(next)
                self.contactSocket = contact?.socket
            } else if !self.appended.append(
                uri: uri, destinationURI: next, flags: contact?.flags ?? 0, path: path, socket: contact?.socket)
            {
                self.log(
                    1,
                    Array("cpl: the script of \(process.name) has more than \(BranchList.limit + 1) locations".utf8))
                break
            }
        }
        self.effects.append(.relay)
    }

    /// What `mail` and `log` nodes want done, where there is somebody who does it; else it is a line of the log.
    private mutating func writeNotes(of process: CPLProcess) {
        for note in process.run.takeNotes() {
            let text: String
            let callID = Printable.text(self.memory.span.copy(self.callID))
            switch note {
            case .mail(let url):
                text = "mail \(url)"
                if let writer = self.shared.notes, writer.sendsMail,
                    let mail = CPLMail.text(url, user: process.name, call: self.lines(callID))
                {
                    writer.put(.mail(mail))
                    continue
                }
            case .log(let name, let comment):
                text = "log \(name ?? "-"): \(comment ?? "")"
                if let writer = self.shared.notes, writer.writesLines {
                    let moment = String(decoding: SQLTime.text(self.wallTime), as: UTF8.self)
                    let line =
                        "\(moment) \(Printable.text(Array(text.dropFirst(4).utf8))) \(self.lines(callID).joined(separator: ", "))\n"
                    writer.put(.line(file: CPLNoteWriter.file(of: process.owner.user), text: Array(line.utf8)))
                    continue
                }
            }
            self.log(2, Array("cpl: \(process.name) \(Printable.text(Array(text.utf8))) (Call-ID \(callID))".utf8))
        }
    }

    /// The call in work, for people.
    private func lines(_ callID: String) -> [String] {
        let bytes = self.memory.span
        var lines = [
            "Call from \(Printable.text(bytes.copy(self.from.uri))) to \(Printable.text(bytes.copy(self.to.uri)))"
        ]
        if let subject = self.index.first(.subject) { lines.append("Subject: \(Printable.text(bytes.copy(subject)))") }
        lines.append("Call-ID: \(callID)")
        return lines
    }
}

extension CPLProcess {
    /// `user@domain`, for the log.
    var name: String { Printable.text(self.owner.user + [ASCII.at] + self.owner.domain) }
}

/// Phrases for a `reject` that gives no reason.
enum CPLReject {
    static func phrase(_ status: Int) -> [UInt8] {
        let text =
            switch status {
            case 404: "Not Found"
            case 480: "Temporarily Unavailable"
            case 486: "Busy Here"
            case 500: "Server Internal Error"
            case 600: "Busy Everywhere"
            case 603: "Decline"
            case 400..<500: "Request Failure"
            case 500..<600: "Server Failure"
            default: "Global Failure"
            }
        return Array(text.utf8)
    }
}

extension CPLCall {
    /// What a script can ask of the request in work.
    init(_ context: RouteContext) {
        func value(_ id: HeaderID) -> [UInt8]? { context.index.first(id).map { context.memory.span.copy($0) } }
        self.init(
            origin: Self.address(context.from, context), destination: Address(uri: context.requestURIBytes),
            originalDestination: Self.address(context.to, context), subject: value(.subject),
            organization: value(.organization), userAgent: value(.userAgent), languages: Self.languages(context),
            priority: value(.priority), time: context.wallTime + context.shared.settings.store.cpl.clockOffset)
    }

    private static func address(_ ranges: AddressRanges, _ context: RouteContext) -> Address {
        var name = context.memory.span.copy(ranges.displayName)
        if name.count >= 2, name.first == ASCII.quote, name.last == ASCII.quote {
            name = Array(name.dropFirst().dropLast())
        }
        return Address(display: name.isEmpty ? nil : name, uri: context.memory.span.copy(ranges.uri))
    }

    /// The ranges of all Accept-Language lines, at most twenty.
    private static func languages(_ context: RouteContext) -> [[UInt8]]? {
        guard context.index.contains(.acceptLanguage) else { return nil }
        var ranges: [[UInt8]] = []
        for slot in context.index.slots where slot.id == .acceptLanguage {
            for part in context.memory.span.copy(slot.value).split(separator: ASCII.comma) {
                let range = part.drop { ASCII.isLWS($0) }.prefix { $0 != ASCII.semicolon && !ASCII.isLWS($0) }
                if !range.isEmpty, !range.elementsEqual([ASCII.star]), ranges.count < 20 { ranges.append(Array(range)) }
            }
        }
        return ranges
    }
}
