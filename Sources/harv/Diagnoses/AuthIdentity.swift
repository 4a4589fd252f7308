import SIPKit

extension Diagnosis {
    static let authIdentity = Diagnosis(
        "A6", "auth-identity", .error, .certain,
        "login and claimed name differ",
        sees: "an account with the right password is forbidden",
        condition: "a 403 right after credentials whose user name differs from the From user (calls) or the To user "
            + "(REGISTER)",
        why: "the script compares them (check_from, check_to)",
        remedy: "\"Use From = ID\" in the phone, or a 1:N mapping in the uri table",
        sources: "seed 002 ch. 7 notes 16, 23; 003 Authentication Policy",
        explains: ["A1"],
        examples: [
            .yes(
                "403 for another name",
                Scene.register.replacing("200 out", "200 OK", "403 Forbidden").replacing(
                    "REGISTER again in", "username=\"alice\"", "username=\"carol\"")),
            .no("the same name", Scene.register.replacing("200 out", "200 OK", "403 Forbidden")),
        ],
        .conversation(needs: [.forbidden, .any(.hasCredentials)]) { (context: CallContext) -> Evidence? in
            for place in context.records.indices where context.records[place].status == 403 {
                let answer = context.records[place]
                guard
                    let request = context.records.indices.last(where: {
                        $0 < place && context.records[$0].isRequest && context.records[$0].cSeq == answer.cSeq
                            && context.records[$0].traits.contains(.hasCredentials)
                    }),
                    let credentials = context.credentials(request), !credentials.user.isEmpty
                else { continue }
                let claimed = answer.method == .register ? context.callee(request) : context.caller(request)
                guard credentials.user != claimed, !credentials.user.hasPrefix(claimed + "@") else { continue }
                return Evidence(
                    "\(claimed) logs in as \(credentials.user); the server forbids that.",
                    [context.number(request), context.number(place)])
            }
            return nil
        })
}
