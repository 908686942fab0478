package lint

// quiet are functions of modules that this server does not have, and of which it is
// known that they neither answer nor send a request, nor end the script: they ask,
// look up, count or change something. All other unknown functions may do all of that.
var quiet = set(`
	nat_uac_test fix_nated_contact fix_nated_register fix_nated_sdp is_rfc1918 set_contact_alias add_contact_alias handle_ruri_alias
	rtpproxy_manage rtpproxy_offer rtpproxy_answer rtpproxy_destroy unforce_rtp_proxy set_rtp_proxy_set
	rtpengine_manage rtpengine_offer rtpengine_answer rtpengine_delete set_rtpengine_set
	lookup lookup_branches registered unregister reg_fetch_contacts reg_free_contacts
	auth_check www_authorize proxy_authorize www_authenticate proxy_authenticate pv_www_authenticate pv_proxy_authenticate
	pv_auth_check consume_credentials has_credentials is_rpid_user_e164
	allow_source_address allow_address allow_source_address_group allow_trusted allow_uri allow_routing allow_register
	pike_check_req is_from_local is_uri_host_local is_domain_local lookup_domain alias_db_lookup alias_db_find is_user_in check_from check_to check_uri
	dlg_manage is_in_profile set_dlg_profile unset_dlg_profile get_profile_size dlg_isflagset dlg_setflag dlg_resetflag is_known_dlg
	ds_select_dst ds_select_domain ds_select ds_next_dst ds_next_domain ds_mark_dst ds_is_from_list ds_load_update ds_load_unset
	dp_translate dp_match sql_query sql_xquery sql_pvquery sql_result_free
	sht_print sht_lock sht_unlock sht_reset sht_rm_name_re sht_rm_value_re sht_iterator_start sht_iterator_next sht_iterator_end
	acc_log_request acc_db_request uac_replace_from uac_replace_to uac_restore_from uac_restore_to
	add_path add_path_received exec_msg exec_avp exec_dset http_client_query jansson_get
	pl_check rl_check next_gw do_routing enum_query setdebug siptrace sip_trace
	is_ip is_ipv4 is_ipv6 is_in_subnet is_ip_rfc1918 compare_ips
	sdp_with_media sdp_content sdp_get sdp_remove_codecs_by_name sdp_keep_codecs_by_name sdp_with_transport
`)
