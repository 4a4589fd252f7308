import SIPKit

/// What the functions of scripts do, by name: one file each in the folder of its module, one line each here.
enum FunctionBodies {
    typealias Body = FunctionBody<RouteContext>

    static func named(_ name: String) -> Body? { Self.table[name] }

    private static let table: [String: Body] = [
        // core
        "force_rport": Self.forceRport,
        // sl
        "sl_send_reply": Self.slSendReply,
        "sl_reply_error": Self.slReplyError,
        // tm
        "t_relay": Self.tRelay,
        "t_newtran": Self.tNewTransaction,
        "t_reply": Self.tReply,
        "t_on_failure": Self.tOnFailure,
        "t_on_reply": Self.tOnReply,
        "t_on_branch": Self.tOnBranch,
        "t_check_status": Self.tCheckStatus,
        "t_check_trans": Self.tCheckTransaction,
        // rr
        "record_route": Self.recordRoute,
        "loose_route": Self.looseRoute,
        // maxfwd
        "mf_process_maxfwd_header": Self.processMaxForwards,
        // registrar
        "save": Self.save,
        "lookup": Self.lookup,
        "registered": Self.registered,
        // uri
        "has_totag": Self.hasToTag,
        "is_method": Self.isMethod,
        "does_uri_exist": Self.doesURIExist,
        "check_to": Self.checkTo,
        "check_from": Self.checkFrom,
        // auth
        "www_authorize": Self.wwwAuthorize,
        "proxy_authorize": Self.proxyAuthorize,
        "www_challenge": Self.wwwChallenge,
        "proxy_challenge": Self.proxyChallenge,
        "consume_credentials": Self.consumeCredentials,
    ]
}
