import SIPKit

extension FunctionBodies {
    /// `cpl_process_register()`: a REGISTER that brings a script, takes it away or asks for it is answered here
    /// (CPL.md §6). One that does none of that goes on to `save`.
    ///
    /// Who may do so is for the configuration to say: it has to ask for a password before.
    static let processCPLRegister = Body(
        { _, context throws(ParseError) in try context.processCPLRegister() },
        resume: { _, answer, context in context.answerCPLRegister(answer, replies: true) })

    /// `cpl_process_register_norpl()`: the same, with the answer left to `save`.
    static let processCPLRegisterNoReply = Body(
        { _, context throws(ParseError) in try context.processCPLRegister() },
        resume: { _, answer, context in context.answerCPLRegister(answer, replies: false) })
}

extension RouteContext {
    private static var scriptType: String.UTF8View { "application/cpl+xml".utf8 }

    fileprivate mutating func processCPLRegister() throws(ParseError) -> FunctionResult {
        guard self.index.method == .register else { return .yes }
        let bytes = self.memory.span
        guard self.names(.contentType) else {
            guard self.names(.accept) else { return .yes }
            guard let table = self.shared.persistence.cplTable else {
                return self.refuseCPL(500, "CPL Not Stored Here")
            }
            self.question = .rows(table.load(try CPLTable.Owner(of: bytes.copy(self.to.uri))))
            return .ask
        }
        guard let table = self.shared.persistence.cplTable else { return self.refuseCPL(500, "CPL Not Stored Here") }
        let owner = try CPLTable.Owner(of: bytes.copy(self.to.uri))
        switch self.cplAction() {
        case "store":
            let text = bytes.copy(self.index.body(bytes))
            do throws(CPLError) {
                _ = try self.shared.persistence.cplScripts.script(text)
            } catch {
                return self.refuseCPL(400, "CPL script refused at \(error)")
            }
            self.question = .change(table.store(text, of: owner))
        case "remove": self.question = .change([table.remove(owner)])
        default:
            return self.refuseCPL(400, "Content-Disposition has to be script;action=store or script;action=remove")
        }
        return .ask
    }

    fileprivate mutating func answerCPLRegister(_ answer: Answer, replies: Bool) -> FunctionResult {
        switch answer {
        case .changed:
            guard replies else { return .yes }
            self.reply(200, "OK")
        case .rows(let rows):
            guard let text = rows.first?.first, !text.isEmpty else { return self.refuseCPL(404, "No CPL Script") }
            self.replyBody = text
            var type: [UInt8] = []
            type.append("Content-Type: application/cpl+xml\r\nContent-Disposition: script\r\n" as StaticString)
            self.reply(200, "OK", headers: type)
        default: return self.refuseCPL(503, "CPL Script Store Down")
        }
        return .stop
    }

    /// What is wrong stands in the phrase, where people see it.
    private mutating func refuseCPL(_ status: Int, _ reason: String) -> FunctionResult {
        self.reply(status, reason: Array(Printable.text(Array(reason.utf8)).prefix(160).utf8))
        return .stop
    }

    /// Whether a header names the type of scripts.
    private func names(_ id: HeaderID) -> Bool {
        for slot in self.index.slots where slot.id == id {
            for part in self.memory.span.copy(slot.value).split(separator: ASCII.comma) {
                let type = part.drop { ASCII.isLWS($0) }.prefix { $0 != ASCII.semicolon && !ASCII.isLWS($0) }
                if type.map(ASCII.lowercased).elementsEqual(Self.scriptType) { return true }
            }
        }
        return false
    }

    /// The `action` of a Content-Disposition `script`; empty without one.
    private func cplAction() -> String {
        guard let value = self.index.first(.contentDisposition) else { return "" }
        let parts = Printable.text(self.memory.span.copy(value)).lowercased().split(separator: ";")
            .map { $0.filter { $0 != " " && $0 != "\t" && $0 != "\"" } }
        guard parts.first == "script" else { return "" }
        return parts.dropFirst().first { $0.hasPrefix("action=") }.map { String($0.dropFirst(7)) } ?? ""
    }
}
