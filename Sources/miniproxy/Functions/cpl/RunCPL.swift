import SIPKit

extension FunctionBodies {
    /// `cpl_run_script("incoming", "is_stateless")`: runs the script of the callee, or with `outgoing` of the caller
    /// (FUNCTIONS.md §19).
    ///
    /// It asks the database for the script first, and may ask for the user's registrations then.
    static let runCPL = Body(
        { arguments, context throws(ParseError) in
            guard context.index.method == .invite, let table = context.shared.persistence.cplTable else { return .no }
            context.question = .rows(table.load(try context.cplOwner(arguments)))
            return .ask
        },
        resume: { arguments, answer, context throws(ParseError) in
            if let process = context.callProcess { return context.found(answer, of: process) }
            guard case .rows(let rows) = answer else { return .no }
            guard let text = rows.first?.first, !text.isEmpty else { return .yes }
            let owner = try context.cplOwner(arguments)
            let script: CPLScript
            do throws(CPLError) {
                script = try context.shared.persistence.cplScripts.script(text)
            } catch {
                let name = Printable.text(owner.user + [ASCII.at] + owner.domain)
                context.log(-1, Array("cpl: the script of \(name) cannot be run: \(error)".utf8))
                return .no
            }
            let isOutgoing = arguments.isOutgoing
            guard isOutgoing ? script.hasOutgoing : script.hasIncoming else { return .yes }
            let state = arguments.text(1).map(ASCII.lowercased)
            if state.elementsEqual("force_stateful".utf8), context.transaction == nil {
                context.effects.append(.createTransaction)
            }
            var limits = CPLRun.Limits()
            limits.recursions = context.shared.settings.store.cpl.recursions
            let process = CPLProcess(
                run: CPLRun(CPLCall(context), limits: limits), owner: owner,
                registrations: context.registrationKey(of: owner),
                isStateful: !state.elementsEqual("is_stateless".utf8))
            return context.carryOut(process.run.start(isOutgoing ? script.outgoing : script.incoming), of: process)
        })
}

extension PreparedArguments {
    fileprivate var isOutgoing: Bool { self.text(0).map(ASCII.lowercased).elementsEqual("outgoing".utf8) }
}

extension RouteContext {
    /// Whose script runs: the user that is named, the caller or the callee.
    fileprivate func cplOwner(_ arguments: borrowing PreparedArguments) throws(ParseError) -> CPLTable.Owner {
        let named = arguments.text(2)
        if !named.isEmpty {
            return named.contains(ASCII.colon) ? try CPLTable.Owner(of: named) : CPLTable.Owner(named: named)
        }
        return try CPLTable.Owner(
            of: arguments.isOutgoing ? self.memory.span.copy(self.from.uri) : self.requestURIBytes)
    }

    /// Under which the owner's contacts are; empty for a name that can have none.
    fileprivate func registrationKey(of owner: CPLTable.Owner) -> [UInt8] {
        let settings = self.shared.settings.registrar
        let name = settings.useDomain ? owner.user + [ASCII.at] + owner.domain : owner.user
        let key = settings.caseSensitive ? name : name.map(ASCII.lowercased)
        return key.count <= AddressOfRecord.limit ? key : []
    }
}
