import SIPKit

/// What the functions of scripts do, by name: one file each in the folder of its module, one line each here.
enum FunctionBodies {
    typealias Body = FunctionBody<RouteContext>

    static func named(_ name: String) -> Body? { Self.table[name] }

    static var names: [String] { Self.table.keys.sorted() }

    private static let table: [String: Body] = [
        // core
        "force_rport": Self.forceRport,
        "forward": Self.forward,
        "forward_udp": Self.forwardUDP,
        "forward_tcp": Self.forwardTCP,
        "log": Self.log,
        "len_gt": Self.lengthGreater,
        "error": Self.nothing,
        "exec": Self.nothing,
        "rewriteuri": Self.rewriteURI,
        "rewritehost": Self.rewriteHost,
        "rewritehostport": Self.rewriteHostPort,
        "rewriteport": Self.rewritePort,
        "rewriteuser": Self.rewriteUser,
        "rewriteuserpass": Self.rewriteUserPassword,
        "revert_uri": Self.revertURI,
        "prefix": Self.prefix,
        "strip": Self.strip,
        "strip_tail": Self.stripTail,
        "append_branch": Self.appendBranch,
        "clear_branches": Self.clearBranches,
        "setdsturi": Self.setDestinationURI,
        "resetdsturi": Self.resetDestinationURI,
        "isdsturiset": Self.isDestinationURISet,
        // sl
        "sl_send_reply": Self.slSendReply,
        "send_reply": Self.slSendReply,
        "sl_reply_error": Self.slReplyError,
        // tm
        "t_relay": Self.tRelay,
        "t_relay_to_udp": Self.tRelayToUDP,
        "t_relay_to_tcp": Self.tRelayToTCP,
        "t_lookup_request": Self.tLookupRequest,
        "t_is_set": Self.tIsSet,
        "t_newtran": Self.tNewTransaction,
        "t_reply": Self.tReply,
        "t_on_failure": Self.tOnFailure,
        "t_on_reply": Self.tOnReply,
        "t_check_status": Self.tCheckStatus,
        "t_check_trans": Self.tCheckTransaction,
        // rr
        "record_route": Self.recordRoute,
        "record_route_preset": Self.recordRoutePreset,
        "loose_route": Self.looseRoute,
        // maxfwd
        "mf_process_maxfwd_header": Self.processMaxForwards,
        "is_maxfwd_lt": Self.isMaxForwardsLess,
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
        "uri_param": Self.uriParameter,
        "add_uri_param": Self.addURIParameter,
        "is_request": Self.isRequest,
        "is_reply": Self.isReply,
        "is_user": Self.isUser,
        // domain
        "is_uri_host_local": Self.isURIHostLocal,
        "is_from_local": Self.isFromLocal,
        "is_domain_local": Self.isDomainLocal,
        // textops
        "search": Self.search,
        "search_body": Self.searchBody,
        "search_hf": Self.searchHeader,
        "search_append": Self.searchAppend,
        "replace": Self.replace,
        "replace_all": Self.replaceAll,
        "subst": Self.substitute,
        "subst_uri": Self.substituteURI,
        "subst_user": Self.substituteUser,
        "append_to_reply": Self.appendToReply,
        "append_time": Self.appendTime,
        "append_hf": Self.appendHeader,
        "insert_hf": Self.insertHeader,
        "append_urihf": Self.appendURIHeader,
        "remove_hf": Self.removeHeader,
        "is_present_hf": Self.isHeaderPresent,
        "has_body": Self.hasBody,
        // nathelper, mediaproxy, nat_traversal
        "nat_uac_test": Self.natTest,
        "client_nat_test": Self.clientNatTest,
        "is_rfc1918": Self.isPrivateAddress,
        "fix_nated_contact": Self.fixContact,
        "fix_contact": Self.fixContact,
        "fix_nated_register": Self.fixRegister,
        "add_rcv_param": Self.addReceivedParameter,
        "fix_nated_sdp": Self.fixSDP,
        // avpops
        "avp_write": Self.avpWrite,
        "avp_delete": Self.avpDelete,
        "avp_pushto": Self.avpPushTo,
        "avp_check": Self.avpCheck,
        "avp_print": Self.avpPrint,
        // acc, xlog
        "acc_log_request": Self.accLogRequest,
        "xlog": Self.xlog,
        "xdbg": Self.xdebug,
        // auth
        "www_authorize": Self.wwwAuthorize,
        "proxy_authorize": Self.proxyAuthorize,
        "www_challenge": Self.wwwChallenge,
        "proxy_challenge": Self.proxyChallenge,
        "auth_challenge": Self.authChallenge,
        "options_reply": Self.optionsReply,
        "consume_credentials": Self.consumeCredentials,
    ]
}
