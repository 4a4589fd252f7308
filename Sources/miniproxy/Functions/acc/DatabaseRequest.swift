import SIPKit

extension FunctionBodies {
    /// `acc_db_request("404 Not Found", "missed_calls")`: a row about this request, now.
    static let accDBRequest = Body(
        { arguments, context in
            let table = arguments.text(1)
            guard context.index.isRequest, let columns = context.shared.persistence.accountingTables[table] else {
                return .no
            }
            let caller = AccountingRow.Caller(user: context.authorizedUser, realm: context.authorizedRealm)
            let row = AccountingRow(columns: columns)
                .values(
                    arguments.text(0), context.memory.span, context.index, outgoing: context.requestURIBytes,
                    by: caller, at: context.wallTime)
            context.question = .change([.insert(table: table, row)])
            return .ask
        }, resume: { _, answer, _ in answer == .failed ? .no : .yes })
}
