(* One axis: the matrix W, gathering, zero insertion, sub-pixel phases, generating functions. *)
From mathcomp Require Import all_ssreflect all_algebra.
From Symconv Require Import Sums.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import GRing.Theory. Local Open Scope ring_scope.

Section Axis.
Variables (R : comRingType) (M N k s d p : nat) (w : 'I_k -> R).
Implicit Types (x : 'I_N -> R) (y : 'I_M -> R).

(* j + p = i*s + a*d *)
Definition tap (i : 'I_M) (a : 'I_k) (j : 'I_N) : bool := (i * s + a * d == j + p)%N.
Definition W : 'M[R]_(M, N) := \matrix_(i, j) \sum_(a < k | tap i a j) w a.
Definition conv x (i : 'I_M) := \sum_(a < k) \sum_(j < N | tap i a j) w a * x j.
Definition scatter y (j : 'I_N) := \sum_(i < M) \sum_(a < k | tap i a j) w a * y i.
Definition col n (u : 'I_n -> R) : 'cV[R]_n := \col_i u i.

Theorem convE x : col (conv x) = W *m col x.
Proof.
apply/matrixP=> i z; rewrite !mxE /conv (exchange_big_dep predT) //=.
by apply: eq_bigr => j _; rewrite !mxE big_distrl.
Qed.

Theorem scatterE y : col (scatter y) = W^T *m col y.
Proof.
apply/matrixP=> j z; rewrite !mxE /scatter.
by apply: eq_bigr => i _; rewrite !mxE big_distrl.
Qed.

(* a vector continued by zeros *)
Definition ext n (u : 'I_n -> R) (m : nat) : R := if insub m is Some i then u i else 0.

Lemma extE n (u : 'I_n -> R) (i : 'I_n) : ext u i = u i.
Proof. by rewrite /ext valK. Qed.

Lemma ext_out n (u : 'I_n -> R) m : (n <= m)%N -> ext u m = 0.
Proof. by move=> out; rewrite /ext insubF // ltnNge out. Qed.

Hypothesis s_gt0 : (0 < s)%N.

Definition gathered y (j : 'I_N) (a : nat) : R :=
  if (a * d <= j + p)%N && (s %| j + p - a * d)%N
  then ext w a * ext y ((j + p - a * d) %/ s) else 0.

Theorem gatherE y j : scatter y j = \sum_(a < k) gathered y j a.
Proof.
rewrite /scatter (exchange_big_dep predT) //=; apply: eq_bigr => a _; rewrite /gathered extE.
case: ifP => [/andP[le_a div_s]|no]; last first.
  rewrite big_pred0 // => i; apply/negP => /eqP e; case/negP: no.
  by rewrite -e addnK leq_addl dvdn_mull.
have tapP (i : 'I_M) : tap i a j = (val i == (j + p - a * d) %/ s)%N.
  rewrite /tap -{1}(subnK le_a) eqn_add2r -{1}(divnK div_s) eqn_pmul2r //.
rewrite /ext; case: insubP => [i _ ei|out].
  by rewrite (big_pred1 i) // => i'; rewrite tapP -ei; apply/eqP/eqP => [/val_inj|->].
rewrite mulr0 big_pred0 // => i; rewrite tapP; apply/negP => /eqP e; case/negP: out.
by rewrite -e ltn_ord.
Qed.

(* zeros between the inputs, padded by d(k-1)-p on the left, cropped where that is negative *)
Definition stretched y (u : nat) : R := if (s %| u)%N then ext y (u %/ s) else 0.
Definition padded y (v : nat) : R :=
  if (d * k.-1 <= v + p)%N then stretched y (v + p - d * k.-1) else 0.

Theorem zero_insertion y (j : 'I_N) :
  scatter y j = \sum_(b < k) w (rev_ord b) * padded y (j + b * d).
Proof.
rewrite gatherE (reindex_inj rev_ord_inj) /=; apply: eq_bigr => b _.
have kb : (k - b.+1 = k.-1 - b)%N by rewrite subnS -subn1 subnAC subn1.
have b_le : (b <= k.-1)%N by rewrite -ltnS prednK //; apply: leq_trans (ltn_ord b).
have le_iff : (d * k.-1 <= j + b * d + p)%N = ((k.-1 - b) * d <= j + p)%N.
  by rewrite addnAC -{1}(subnK b_le) mulnDr [(d * b)%N]mulnC leq_add2r mulnC.
have same : (j + b * d + p - d * k.-1 = j + p - (k.-1 - b) * d)%N.
  by rewrite addnAC -{1}(subnK b_le) mulnDr [(d * b)%N]mulnC subnDr mulnC.
rewrite /gathered /padded /stretched le_iff same -kb.
rewrite -(extE w (rev_ord b)) /=.
by case: leqP => _ /=; [case: ifP; rewrite ?mulr0 | rewrite mulr0].
Qed.

(* without dilation, the outputs of one phase are a plain convolution with every s-th tap *)
Theorem subpixel y (j : 'I_N) q r : d = 1%N -> (j + p = q * s + r)%N -> (r < s)%N ->
  scatter y j = \sum_(t < q.+1) ext w (r + t * s) * ext y (q - t).
Proof.
move=> d1 place r_lt; rewrite gatherE.
pose L := (q * s + r).+1; pose B := maxn k L.
have beyond a : (k <= a)%N || (L <= a)%N -> gathered y j a = 0.
  rewrite /gathered d1 muln1 => /orP[out|out]; first by rewrite ext_out // mul0r if_same.
  by rewrite place leqNgt -ltnS -/L ltnS out.
have widen n : (n <= B)%N -> (forall a, (n <= a)%N -> gathered y j a = 0) ->
    \sum_(a < n) gathered y j a = \sum_(a < B) gathered y j a.
  move=> le_n zero; rewrite (big_ord_widen _ (gathered y j) le_n) big_mkcond.
  by apply: eq_bigr => a _; case: ltnP => // /zero.
rewrite (widen k) ?leq_maxl => [|//|a ka]; last by rewrite beyond ?ka.
rewrite -(widen L) ?leq_maxr => [|//|a La]; last by rewrite beyond ?La ?orbT.
rewrite /L big_mkcond /=.
transitivity (\sum_(a < L | (s %| q * s + r - a)%N) ext w a * ext y ((q * s + r - a) %/ s)).
  rewrite [RHS]big_mkcond; apply: eq_bigr => a _; rewrite /gathered d1 muln1 place.
  by rewrite -ltnS ltn_ord.
have t_lt (t : 'I_q.+1) : (r + t * s < L)%N.
  by rewrite /L ltnS addnC leq_add2r leq_mul2r -ltnS ltn_ord orbT.
have a_lt (a : 'I_L) : (a %/ s < q.+1)%N.
  rewrite ltn_divLR // mulSn addnC; apply: leq_trans (ltn_ord a) _.
  by rewrite /L -addnS leq_add2l.
have gap (t : 'I_q.+1) : (q * s + r - (r + t * s) = (q - t) * s)%N.
  by rewrite [(r + _)%N]addnC subnDr mulnBl.
apply: (@sum_bij _ _ _ _ xpredT _ _ (fun t => Ordinal (t_lt t)) (fun a => Ordinal (a_lt a))).
- move=> t _; split; first by rewrite /= gap dvdn_mull.
  by apply: val_inj; rewrite /= addnC divnMDl // divn_small // addn0.
- move=> a; rewrite -eqn_mod_dvd; last by rewrite -ltnS ltn_ord.
  rewrite modnMDl (modn_small r_lt) => /eqP e; split=> //.
  by apply: val_inj; rewrite /= e addnC -divn_eq.
- by move=> t _; rewrite /= gap mulnK.
Qed.
End Axis.

(* the coefficient of X^(j+p) in w(X^d) x(X^s) *)
Theorem generating_function (R : comRingType) (M N k s d p : nat) (w : 'I_k -> R) (x : 'I_M -> R)
    (j : 'I_N) :
  scatter s d p w x j =
  ((\sum_a w a *: 'X^(a * d)) * (\sum_i x i *: 'X^(i * s)))`_(j + p).
Proof.
rewrite mulrC mulr_suml coef_sum; apply: eq_bigr => i _.
rewrite mulr_sumr coef_sum big_mkcond; apply: eq_bigr => a _.
rewrite -scalerAl -scalerAr !coefZ -exprD coefXn /tap eq_sym.
by case: eqP; rewrite ?mulr1 ?mulr0 // mulrC.
Qed.
